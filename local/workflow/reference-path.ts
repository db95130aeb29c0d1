import { isObject, type Json } from './json.ts';
import { setMember } from './jsonata.ts';
import { parsePath, type PathStep } from './json-path.ts';
import { StateFailure } from './state-failure.ts';

/**
 * The input with a result put at a place, as ResultPath does; what it passes through is copied, the
 * input itself stays as it is.
 *
 * @param path `$` for the result alone, `null` for the input alone
 * @throws StateFailure `States.ResultPathMatchFailure` when the place cannot be made in the input
 */
export function placeResult(input: Json, path: string | null | undefined, result: Json): Json {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const place = (target: Json | undefined, steps: readonly PathStep[]): Json => {
    const [step, ...rest] = steps;
    if (!step) return result;
    if (step.kind === 'member') {
      if (target !== undefined && target !== null && !isObject(target)) throw noPlace(path, input);
      const name = step.names[0] as string;
      const copy: Record<string, Json> = { ...target };
      setMember(copy, name, place(target?.[name], rest));
      return copy;
    }
    const index = step.kind === 'index' ? (step.indexes[0] as number) : -1;
    if (!Array.isArray(target) || index < 0 || index >= target.length) throw noPlace(path, input);
    return target.with(index, place(target[index], rest));
  };
  return place(input, parsePath(path).steps);
}

function noPlace(path: string, input: Json): StateFailure {
  return new StateFailure(
    'States.ResultPathMatchFailure',
    `Unable to apply step "${path}" to input ${JSON.stringify(input)}`,
  );
}
