import { isObject, type Json } from '../json.ts';

/** The Resource of every Task of a definition, branches and iterations included. */
export function tasksOf(scope: Json | undefined): string[] {
  if (!isObject(scope) || !isObject(scope['States'])) return [];
  return Object.values(scope['States']).flatMap((state) => {
    if (!isObject(state)) return [];
    const branches = Array.isArray(state['Branches']) ? state['Branches'] : [];
    const inner = [...branches, state['ItemProcessor'], state['Iterator']].flatMap(tasksOf);
    return typeof state['Resource'] === 'string' ? [state['Resource'], ...inner] : inner;
  });
}
