/** What is wrong with a definition, as ValidateStateMachineDefinition tells it. */
export interface Diagnostic {
  readonly severity: 'ERROR';
  readonly code: string;
  readonly message: string;
  readonly location: string;
}
export function diagnose(_text: string, _o: { type: string }): Diagnostic[] {
  return [];
}
