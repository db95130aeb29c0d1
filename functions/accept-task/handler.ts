import { dynamoTaskStore } from '#shared/adapters/aws-dynamodb/task-store.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { enqueueTask } from '#shared/adapters/aws-sqs/task-queue.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { SubmitTask, TaskView } from '#shared/api/tasks.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { operation, wrapHttp } from '#shared/runtime/wrap-http.ts';
import { acceptTask } from './accept-task.ts';
import { Env } from './contract.ts';

const env = loadEnv(Env);

/** The S3 client is only loaded for tasks that bring files. */
async function keepFile(tenant: string, id: string, body: Uint8Array, mediaType: string) {
  const { TenantBucket } = await import('#shared/adapters/aws-s3/bucket.ts');
  const bucket = new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  await bucket.put(`artifacts/${id}`, body, mediaType);
  return bucket.keyOf(`artifacts/${id}`);
}

function idempotencyKey(headers: Readonly<Record<string, string>>): string | undefined {
  const key = headers['idempotency-key'];
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('request.invalid', 'The Idempotency-Key has 1 to 255 visible characters.');
  }
  return key;
}

export const handler = wrapHttp({
  'POST /v1/tasks': operation({
    permission: 'tasks:submit',
    body: SubmitTask,
    answer: TaskView,
    async run({ who, traceId, body, headers }) {
      const view = await acceptTask(
        { who, traceId, input: body, idempotencyKey: idempotencyKey(headers) },
        {
          tasks: dynamoTaskStore(new TenantTable(env, who.tenant)),
          keepFile: (id, file, mediaType) => keepFile(who.tenant, id, file, mediaType),
          enqueue: (priority, message) => enqueueTask(env, priority, message),
          now: systemClock,
          nextId: randomIds,
        },
      );
      return { status: 202, body: view, headers: { location: view.links.self } };
    },
  }),
});
