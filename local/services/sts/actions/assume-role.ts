import { credentialStore } from '#local/iam/credential-store.ts';
import type { PolicyBook } from '#local/iam/policy-book.ts';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action, IamRequest, Principal } from '#local/kernel/service.ts';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The query protocol sends an empty list as an empty text. */
type SentList<Item> = readonly Item[] | '';

interface AssumeRoleInput {
  readonly RoleArn?: string;
  readonly RoleSessionName?: string;
  readonly DurationSeconds?: string;
  readonly Tags?: SentList<Tag>;
  readonly TransitiveTagKeys?: SentList<string>;
  readonly ExternalId?: string;
  readonly [other: string]: unknown;
}

/** @default of DurationSeconds, and the least that is allowed, as the API reference has them */
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 900;
/** A session that another session makes (role chaining) lasts an hour at most. */
const MOST_CHAINED_SECONDS = 3600;
const MOST_TAGS = 50;

const SERVED = new Set([
  'RoleArn',
  'RoleSessionName',
  'DurationSeconds',
  'Tags',
  'TransitiveTagKeys',
  'ExternalId',
]);

/** Makes a session of a role, with session tags, when caller and trust policy agree. */
export function assumeRole(book: PolicyBook): Action<AssumeRoleInput> {
  return {
    authorize(input, call) {
      validate(input);
      const tags = listOf(input.Tags);
      const transitive = listOf(input.TransitiveTagKeys);
      const inherited = inheritedTags(call.principal, credentialStore(call.cloud));
      const conditions: Record<string, string | readonly string[]> = {
        'sts:RoleSessionName': input.RoleSessionName ?? '',
        ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
      };
      for (const { Key, Value } of tags) conditions[`aws:RequestTag/${Key}`] = Value;
      if (tags.length > 0) conditions['aws:TagKeys'] = tags.map(({ Key }) => Key);
      if (transitive.length > 0) conditions['sts:TransitiveTagKeys'] = transitive;
      for (const { Key } of tags) {
        if (Key.toLowerCase() in inherited) {
          throw invalid(
            `One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: ${Key}`,
          );
        }
      }
      const resource = input.RoleArn ?? '';
      const needs: IamRequest[] = [{ action: 'sts:AssumeRole', resource, conditions }];
      if (tags.length > 0) needs.push({ action: 'sts:TagSession', resource, conditions });
      return needs;
    },

    run(input, { cloud, principal }) {
      const { RoleArn = '', RoleSessionName = '' } = input;
      const role = book.role(RoleArn)?.role;
      if (!role) {
        throw new AwsError(
          'AccessDenied',
          `Not authorized to perform sts:AssumeRole: no role ${RoleArn}`,
          403,
        );
      }
      const store = credentialStore(cloud);
      const inherited = inheritedTags(principal, store);
      const own = Object.fromEntries(listOf(input.Tags).map(({ Key, Value }) => [Key, Value]));
      const credentials = store.issue({
        roleArn: RoleArn,
        sessionName: RoleSessionName,
        tags: { ...Object.fromEntries(Object.values(inherited)), ...own },
        transitiveTagKeys: [
          ...Object.values(inherited).map(([key]) => key),
          ...listOf(input.TransitiveTagKeys),
        ],
        seconds: sessionSeconds(input, role.maxSessionSeconds, principal),
      });
      return {
        Credentials: {
          AccessKeyId: credentials.accessKeyId,
          SecretAccessKey: credentials.secretAccessKey,
          SessionToken: credentials.sessionToken,
          Expiration: credentials.expiration.toISOString().replace('.000', ''),
        },
        AssumedRoleUser: {
          AssumedRoleId: `${role.id}:${RoleSessionName}`,
          Arn: `arn:aws:sts::${cloud.account}:assumed-role/${role.name}/${RoleSessionName}`,
        },
      };
    },
  };
}

function validate(input: AssumeRoleInput): void {
  const unknown = Object.keys(input).find((name) => !SERVED.has(name));
  if (unknown !== undefined) throw notServed(`sts:AssumeRole with ${unknown}`);
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(input.RoleArn ?? '')) {
    throw invalid(`${input.RoleArn ?? 'The missing RoleArn'} is invalid`);
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(input.RoleSessionName ?? '')) {
    throw invalid(
      `Value '${input.RoleSessionName ?? ''}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}`,
    );
  }
  validateTags(listOf(input.Tags), listOf(input.TransitiveTagKeys));
}

function validateTags(tags: readonly Tag[], transitive: readonly string[]): void {
  if (tags.length > MOST_TAGS) throw invalid(`At most ${MOST_TAGS} session tags may be passed`);
  const keys = new Set<string>();
  for (const { Key, Value } of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key))
      throw invalid(`The tag key ${Key} is invalid`);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value))
      throw invalid(`The value of the tag ${Key} is invalid`);
    if (Key.toLowerCase().startsWith('aws:')) throw invalid(`The tag key ${Key} begins with aws:`);
    if (keys.has(Key.toLowerCase())) throw invalid(`Duplicate tag keys found: ${Key}`);
    keys.add(Key.toLowerCase());
  }
  const stray = transitive.find((key) => !keys.has(key.toLowerCase()));
  if (stray !== undefined)
    throw invalid(
      `The specified transitive tag key must be included in the requested tags: ${stray}`,
    );
}

const listOf = <Item>(sent: SentList<Item> | undefined): readonly Item[] => sent || [];

/** The caller's transitive tags, by key in lower case. */
function inheritedTags(
  principal: Principal,
  store: ReturnType<typeof credentialStore>,
): Record<string, [string, string]> {
  if (principal.kind !== 'role') return {};
  const keys = store.transitiveTagKeys(principal.roleArn, principal.sessionName);
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = principal.tags[key];
      return value === undefined ? [] : [[key.toLowerCase(), [key, value] as [string, string]]];
    }),
  );
}

function sessionSeconds(input: AssumeRoleInput, most: number, principal: Principal): number {
  if (input.DurationSeconds === undefined) return DEFAULT_SECONDS;
  const seconds = Number(input.DurationSeconds);
  if (!Number.isInteger(seconds) || seconds < LEAST_SECONDS) {
    throw invalid(
      `Value '${input.DurationSeconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${LEAST_SECONDS}`,
    );
  }
  if (seconds > most) {
    throw invalid(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
  if (principal.kind === 'role' && seconds > MOST_CHAINED_SECONDS) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return seconds;
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
