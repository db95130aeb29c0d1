import { AwsError } from '#local/kernel/aws-error.ts';
import type { Wire } from '#local/kernel/service.ts';

/** Members of a query request or answer: texts, lists and structures. */
type QueryValue =
  | string
  | number
  | boolean
  | undefined
  | readonly QueryValue[]
  | { readonly [member: string]: QueryValue };

interface QueryTree {
  [member: string]: string | QueryTree;
}

/**
 * The AWS query protocol: a form with `Action` and dotted member names in, XML out. Lists are sent
 * as `Name.member.1`; a request's input has them as arrays.
 *
 * @param namespace of the answer's XML, such as `https://sts.amazonaws.com/doc/2011-06-15/`
 */
export function queryWire(namespace: string): Wire {
  const xml = { 'content-type': 'text/xml' };
  return {
    parse(request) {
      const tree: QueryTree = {};
      for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) {
        put(tree, name.split('.'), value);
      }
      const { Action: action = '', ...input } = asLists(tree) as Record<string, unknown>;
      delete input['Version'];
      if (typeof action !== 'string') throw new AwsError('InvalidAction', 'Action is given twice.');
      return { action, input };
    },
    success: (action, output, requestId) => ({
      status: 200,
      headers: { ...xml, 'x-amzn-requestid': requestId },
      body:
        `<${action}Response xmlns="${namespace}"><${action}Result>${element(output as QueryValue)}</${action}Result>` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
    }),
    failure: (error, requestId) => ({
      status: error.status,
      headers: { ...xml, 'x-amzn-requestid': requestId },
      body:
        `<ErrorResponse xmlns="${namespace}"><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
        `<Code>${escape(error.code)}</Code><Message>${escape(error.message)}</Message></Error>` +
        `<RequestId>${requestId}</RequestId></ErrorResponse>`,
    }),
  };
}

function put(tree: QueryTree, path: readonly string[], value: string): void {
  const [head = '', ...rest] = path;
  if (head === '__proto__')
    throw new AwsError('MalformedQueryString', 'A member has a forbidden name.');
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const below = Object.hasOwn(tree, head) ? tree[head] : (tree[head] = {});
  if (typeof below !== 'object')
    throw new AwsError('MalformedQueryString', `${head} is given twice.`);
  put(below, rest, value);
}

function asLists(tree: string | QueryTree): unknown {
  if (typeof tree === 'string') return tree;
  const { member } = tree;
  if (typeof member === 'object') {
    return Object.entries(member)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, value]) => asLists(value));
  }
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, asLists(value)]));
}

function element(value: QueryValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    return (value as readonly QueryValue[])
      .map((item) => `<member>${element(item)}</member>`)
      .join('');
  }
  if (typeof value !== 'object') return escape(String(value));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<${name}>${element(member)}</${name}>`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
