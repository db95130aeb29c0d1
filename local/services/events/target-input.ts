import type { Envelope } from './envelope.ts';
import { parseEventPath } from './event-path.ts';
import type { InputTransformer, Target } from './target.ts';

/** What a target gets of an event, as text. @param rule the ARN and name for the template variables */
export function targetInput(
  target: Target,
  event: Envelope,
  rule: { readonly arn: string; readonly name: string },
): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) {
    return JSON.stringify(parseEventPath(target.inputPath)(event) ?? null);
  }
  if (target.inputTransformer === undefined) return JSON.stringify(event);
  return fillTemplate(target.inputTransformer, event, rule);
}

/** A variable inside quotes gives its text; outside them it gives JSON. */
function fillTemplate(
  { InputPathsMap = {}, InputTemplate }: InputTransformer,
  event: Envelope,
  rule: { readonly arn: string; readonly name: string },
): string {
  const values = new Map<string, unknown>([
    ...Object.entries(InputPathsMap).map(
      ([name, path]) => [name, parseEventPath(path)(event)] as const,
    ),
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', event.time],
    ['aws.events.event', withoutDetail(event)],
    ['aws.events.event.json', event],
  ]);
  let quoted = false;
  return InputTemplate.replace(/\\.|"|<([^<>\s]+)>/gs, (found, name: string | undefined) => {
    if (found === '"') quoted = !quoted;
    if (name === undefined || !values.has(name)) return found;
    return quoted ? insideQuotes(values.get(name)) : JSON.stringify(values.get(name) ?? null);
  });
}

function insideQuotes(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

const withoutDetail = (event: Envelope): Record<string, unknown> =>
  Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'detail'));
