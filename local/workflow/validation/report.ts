import type { QueryLanguage } from '../definition.ts';
import type { JsonObject } from '../json.ts';

/** What is wrong with a definition, as ValidateStateMachineDefinition tells it. */
export interface Diagnostic {
  readonly severity: 'ERROR';
  readonly code: string;
  readonly message: string;
  readonly location: string;
}

/** Gathers what is wrong with a definition. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];

  add(message: string, location: string, code = 'SCHEMA_VALIDATION_FAILED'): void {
    this.diagnostics.push({ severity: 'ERROR', code, message, location: location || '/' });
  }
}

/** A state that is being checked, with where it stands. */
export interface Checked {
  readonly state: JsonObject;
  readonly location: string;
  readonly language: QueryLanguage;
  readonly express: boolean;
  readonly report: Report;
}
