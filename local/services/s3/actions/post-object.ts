import type { Action } from '#local/kernel/service.ts';
import { checkFormPolicy } from '../form-policy.ts';
import { REQUEST_HEADERS } from '../wire/headers.ts';
import { childText, readXml } from '../wire/xml.ts';
import type { Form } from '../wire/form.ts';
import { accessDenied, invalidArgument } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';
import { putNeeds, storeObject, type PutObjectInput } from './put-object.ts';

interface Input extends Form {
  readonly Bucket: string;
}

/** A browser's form upload under a signed policy. The signature was checked at the door. */
export const postObject = (parts: S3Parts): Action<Input> => ({
  authorize(input) {
    const put = putOf(input);
    const { policy } = input.Fields;
    if (policy === undefined) throw accessDenied();
    checkFormPolicy(
      { bucket: input.Bucket, fields: judgedFields(input), size: input.Body.length },
      policy,
      parts.cloud.now(),
    );
    return putNeeds(parts, put);
  },
  run(input, call) {
    const put = putOf(input);
    const made = storeObject(parts, put, call, 'ObjectCreated:Post', 'POST Object');
    const { success_action_status: status, success_action_redirect: redirect } = input.Fields;
    const common = { ...made, Bucket: input.Bucket, Key: put.Key };
    if (redirect !== undefined && URL.canParse(redirect)) {
      const target = new URL(redirect);
      target.searchParams.set('bucket', input.Bucket);
      target.searchParams.set('key', put.Key);
      target.searchParams.set('etag', String(made['ETag']));
      return { ...common, status: 303, Location: target.href };
    }
    return {
      ...common,
      status: status === '200' || status === '201' ? Number(status) : 204,
      Location: `${parts.cloud.endpoint}/${input.Bucket}/${encodeURIComponent(put.Key)}`,
    };
  },
});

/** Conditions see the file's name in the place of `${filename}`. */
const judgedFields = (input: Input): Record<string, string> => ({
  ...input.Fields,
  key: keyOf(input),
});

function keyOf({ Fields, FileName }: Input): string {
  const key = Fields['key'];
  if (key === undefined || key === '') {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    );
  }
  return key.replaceAll('${filename}', FileName.split(/[\\/]/).at(-1) ?? '');
}

function putOf(input: Input): PutObjectInput {
  const members: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(input.Fields)) {
    const member = REQUEST_HEADERS[name];
    if (member) members[member] = value;
    else if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value;
  }
  const { acl, tagging } = input.Fields;
  return {
    ...members,
    Bucket: input.Bucket,
    Key: keyOf(input),
    Body: input.Body,
    Metadata: metadata,
    ContentEncoding: input.Fields['content-encoding'],
    ...(acl !== undefined && { ACL: acl }),
    ...(tagging !== undefined && { Tagging: tagQuery(tagging) }),
  };
}

/** A form's tags are an XML document. @throws AwsError MalformedXML */
function tagQuery(xml: string): string {
  const tags = new URLSearchParams();
  const set = readXml(xml).element.children['TagSet']?.[0];
  for (const tag of set?.children['Tag'] ?? []) {
    tags.append(childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? '');
  }
  return tags.toString();
}
