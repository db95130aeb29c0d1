/** One route of the HTTPS API: data, from which the OpenAPI body, grants and clients are made. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly function: 'accept-task' | 'serve-tasks' | 'serve-approvals';
  readonly operationId: string;
  readonly summary: string;
}

export const ROUTES = [
  {
    method: 'POST',
    path: '/v1/tasks',
    function: 'accept-task',
    operationId: 'submitTask',
    summary: 'Hand in a task.',
  },
  {
    method: 'GET',
    path: '/v1/tasks',
    function: 'serve-tasks',
    operationId: 'listTasks',
    summary: 'List tasks, newest first.',
  },
  {
    method: 'GET',
    path: '/v1/tasks/{task_id}',
    function: 'serve-tasks',
    operationId: 'getTask',
    summary: 'Read a task with its present run.',
  },
  {
    method: 'POST',
    path: '/v1/tasks/{task_id}/cancel',
    function: 'serve-tasks',
    operationId: 'cancelTask',
    summary: 'Cancel a task.',
  },
  {
    method: 'POST',
    path: '/v1/tasks/{task_id}/redrive',
    function: 'serve-tasks',
    operationId: 'redriveTask',
    summary: 'Try a dead-lettered task once more.',
  },
  {
    method: 'GET',
    path: '/v1/tasks/{task_id}/artifacts',
    function: 'serve-tasks',
    operationId: 'listArtifacts',
    summary: 'List what a task made.',
  },
  {
    method: 'GET',
    path: '/v1/tasks/{task_id}/artifacts/{name}',
    function: 'serve-tasks',
    operationId: 'getArtifact',
    summary: 'Read an artifact.',
  },
  {
    method: 'GET',
    path: '/v1/runs/{run_id}',
    function: 'serve-tasks',
    operationId: 'getRun',
    summary: 'Read a run: steps, cost, budget, what it waits for.',
  },
  {
    method: 'GET',
    path: '/v1/runs/{run_id}/decisions',
    function: 'serve-tasks',
    operationId: 'listDecisions',
    summary: 'Read a run’s decision log.',
  },
  {
    method: 'GET',
    path: '/v1/approvals',
    function: 'serve-approvals',
    operationId: 'listApprovals',
    summary: 'List approvals, newest first.',
  },
  {
    method: 'GET',
    path: '/v1/approvals/{approval_id}',
    function: 'serve-approvals',
    operationId: 'getApproval',
    summary: 'Read an approval: exactly what would happen.',
  },
  {
    method: 'POST',
    path: '/v1/approvals/{approval_id}/decide',
    function: 'serve-approvals',
    operationId: 'decideApproval',
    summary: 'Grant or refuse an approval.',
  },
] as const satisfies readonly Route[];
