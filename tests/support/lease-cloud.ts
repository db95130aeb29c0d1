import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobResult } from '#containers/sandbox/contract.ts';
import { ecsService } from '#local/services/ecs/ecs.ts';
import { s3Service } from '#local/services/s3/s3.ts';
import { deployTask, imageAssembly, removeAssembly } from './ecs-cloud.ts';
import { guardedCloud } from './guarded-cloud.ts';
import { makeBucket } from './s3-buckets.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Bundles the mailbox shell as its image has it. */
export async function bundleShell(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'containers', 'sandbox', 'main.ts')],
    outfile: join(folder, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    logLevel: 'silent',
  });
}

/** A cloud with S3 and ECS, signatures checked, whose sandbox image has the real mailbox shell. */
export async function leaseCloud(image: (folder: string) => Promise<void> = bundleShell) {
  const folder = imageAssembly();
  await image(join(folder, 'asset.abc123'));
  const guarded = await guardedCloud((cloud) => [s3Service(cloud), ecsService(cloud)]);
  const bucket = await makeBucket(guarded.cloud);
  const definition = await deployTask(guarded.cloud, folder);
  const s3 = new S3Client(guarded.client);
  const ecs = new ECSClient(guarded.client);
  const signed = (Key: string) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key }), { expiresIn: 600 });
  const read = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  return {
    cloud: guarded.cloud,
    ecs,
    signed,
    read,
    put: (Key: string, Body: string) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    /** Puts a job into the mailbox at `jobs/<number>.json`. */
    async post(number: number, job: object): Promise<void> {
      const prefix = `out/${number}/`;
      const { url, fields } = await createPresignedPost(s3, {
        Bucket: bucket,
        Key: `${prefix}\${filename}`,
        Conditions: [['content-length-range', 0, 4 * 1024 * 1024]],
        Expires: 600,
      });
      const Body = JSON.stringify({
        schema: 1,
        kind: 'job',
        job_id: `job_${number}`,
        language: 'python',
        code: '',
        post: { url, fields },
        prefix,
        next_url: await signed(`jobs/${number + 1}.json`),
        leave_after_seconds: 10,
        ...job,
      });
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `jobs/${number}.json`, Body }));
    },
    leave: (number: number) =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `jobs/${number}.json`,
          Body: JSON.stringify({ schema: 1, kind: 'leave' }),
        }),
      ),
    /** Starts a sandbox task that looks at `jobs/1.json`. @returns its ARN */
    async lease(): Promise<string> {
      const { tasks } = await ecs.send(
        new RunTaskCommand({
          cluster: 'boxes',
          taskDefinition: definition,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
          overrides: {
            containerOverrides: [
              {
                name: 'sandbox',
                environment: [{ name: 'MAILBOX_URL', value: await signed('jobs/1.json') }],
              },
            ],
          },
        }),
      );
      return tasks?.[0]?.taskArn ?? '';
    },
    /** Waits for an object. */
    until: async (key: string): Promise<Buffer> => {
      for (let wait = 0; wait < 1500; wait += 1) {
        const found = await read(key).catch(() => undefined);
        if (found) return found;
        await sleep(10);
      }
      throw new Error(`${key} did not come`);
    },
    /** Waits for a job's result. */
    async result(number: number): Promise<JobResult> {
      const body = await this.until(`out/${number}/result.json`);
      return JobResult.parse(JSON.parse(body.toString('utf8')));
    },
    close: async () => {
      await guarded.close();
      removeAssembly(folder);
    },
  };
}
