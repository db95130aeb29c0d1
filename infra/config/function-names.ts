/** Every function, by the folder that holds it. */
export const FUNCTION_NAMES = [
  'accept-task',
  'ask-approval',
  'authorize-request',
  'carry-out-action',
  'choose-actions',
  'fetch-url',
  'finish-run',
  'finish-sandbox-job',
  'judge-actions',
  'provision-tenant',
  'record-mail-event',
  'serve-approvals',
  'serve-tasks',
  'start-run',
  'start-sandbox-job',
  'sweep',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];
