import { isObject, type Json } from '../json.ts';

/** What a definition asks for that AWS serves and the local cloud does not, each by its name. */
export function refusals(definition: Json): string[] {
  const found = new Set<string>();
  look(definition, found);
  return [...found];
}

function look(scope: Json | undefined, found: Set<string>): void {
  if (!isObject(scope) || !isObject(scope['States'])) return;
  for (const state of Object.values(scope['States'])) {
    if (!isObject(state)) continue;
    if (state['Type'] === 'Map') lookAtMap(state, found);
    const resource = state['Resource'];
    if (typeof resource === 'string' && resource.includes(':activity:'))
      found.add('Step Functions activities');
    for (const branch of Array.isArray(state['Branches']) ? state['Branches'] : [])
      look(branch, found);
    look(state['ItemProcessor'] ?? state['Iterator'], found);
  }
}

function lookAtMap(state: Record<string, Json>, found: Set<string>): void {
  const processor = state['ItemProcessor'];
  const config = isObject(processor) ? processor['ProcessorConfig'] : undefined;
  if (isObject(config) && config['Mode'] === 'DISTRIBUTED')
    found.add('Map states in DISTRIBUTED mode');
  for (const field of ['ItemReader', 'ItemBatcher', 'ResultWriter']) {
    if (state[field] !== undefined) found.add(`the field ${field} of a Map state`);
  }
}
