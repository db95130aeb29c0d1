import type { Template } from './assembly.ts';

/** What intrinsic functions refer to. */
export interface Scope {
  readonly template: Template;
  /** The value of `Ref`: parameter, pseudo parameter or resource. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
  readonly region: string;
}

/** `AWS::NoValue`: the member that has it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Resolver = (argument: unknown, scope: Scope) => unknown;

const AVAILABILITY_ZONES = ['a', 'b', 'c'];

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const INTRINSICS: Readonly<Record<string, Resolver>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [id = '', ...attribute] =
      typeof argument === 'string'
        ? argument.split('.')
        : list(resolve(argument, scope)).map(String);
    return scope.getAtt(id, attribute.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    return list(resolve(parts, scope)).map(String).join(separator);
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Select': (argument, scope) => {
    const [index, items] = argument as [unknown, unknown];
    const value = list(resolve(items, scope))[Number(resolve(index, scope))];
    if (value === undefined) throw new Error('Fn::Select has no such item');
    return value;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = argument as [string, unknown];
    return String(resolve(text, scope)).split(separator);
  },
  'Fn::ImportValue': (name, scope) => scope.importValue(String(resolve(name, scope))),
  'Fn::GetAZs': (_region, scope) => AVAILABILITY_ZONES.map((zone) => `${scope.region}${zone}`),
  'Fn::Base64': (text, scope) => Buffer.from(String(resolve(text, scope))).toString('base64'),
  'Fn::FindInMap': (argument, scope) => {
    const [map = '', first = '', second = ''] = list(resolve(argument, scope)).map(String);
    const value = scope.template.Mappings?.[map]?.[first]?.[second];
    if (value === undefined) throw new Error(`no mapping has ${map}.${first}.${second}`);
    return value;
  },
  'Fn::Cidr': (argument, scope) => {
    const [block, count, bits] = list(resolve(argument, scope)).map(String);
    return subnets(block ?? '', Number(count), Number(bits));
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return resolve(isTrue(condition, scope) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [a, b] = list(resolve(argument, scope)).map(String);
    return a === b;
  },
  'Fn::And': (argument, scope) => list(argument).every((item) => resolve(item, scope) === true),
  'Fn::Or': (argument, scope) => list(argument).some((item) => resolve(item, scope) === true),
  'Fn::Not': (argument, scope) => resolve(list(argument)[0], scope) !== true,
  Condition: (name, scope) => isTrue(String(name), scope),
};

/** True when a condition of the template holds. */
export function isTrue(name: string, scope: Scope): boolean {
  const condition = scope.template.Conditions?.[name];
  if (condition === undefined) throw new Error(`the template has no condition ${name}`);
  return resolve(condition, scope) === true;
}

/**
 * A value with its intrinsic functions carried out.
 *
 * @throws Error for a function that is not known, or a reference to nothing
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  }
  if (value === null || typeof value !== 'object') return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic) return intrinsic.run(intrinsic.argument, scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, resolve(member, scope)] as const)
      .filter(([, member]) => member !== NO_VALUE),
  );
}

function intrinsicOf(
  value: object,
): { readonly run: Resolver; readonly argument: unknown } | undefined {
  const [entry, ...others] = Object.entries(value) as [string, unknown][];
  if (!entry || others.length > 0) return undefined;
  const [name, argument] = entry;
  // `Condition` with an object is the condition block of a policy, not the intrinsic.
  if (name === 'Condition' && typeof argument !== 'string') return undefined;
  const run = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
  if (!run && name.startsWith('Fn::'))
    throw new Error(`the intrinsic function ${name} is not served`);
  return run && { run, argument };
}

/**
 * The first subnets of an IPv4 block.
 *
 * @param bits how many bits of an address are left to the hosts of a subnet
 */
function subnets(block: string, count: number, bits: number): string[] {
  const [address = '', length] = block.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** bits;
  if (!/^[\d.]+$/.test(address) || count * size > 2 ** (32 - Number(length))) {
    throw new Error(`Fn::Cidr: ${block} has no ${count} subnets of ${bits} bits`);
  }
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * size;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256);
    return `${parts.join('.')}/${32 - bits}`;
  });
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, given] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [String(argument), {} as Record<string, unknown>];
  return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(given, name)) return String(resolve(given[name], scope));
    const [id = '', ...attribute] = name.split('.');
    return String(attribute.length > 0 ? scope.getAtt(id, attribute.join('.')) : scope.ref(name));
  });
}

/** The logical ids that a value refers to. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, member]) => {
    if (key === 'Ref') return [String(member)];
    if (key === 'Fn::GetAtt') {
      return [Array.isArray(member) ? String(member[0]) : (String(member).split('.')[0] ?? '')];
    }
    if (key === 'Fn::Sub') {
      const text = Array.isArray(member) ? String(member[0]) : String(member);
      const named = [...text.matchAll(/\$\{([^!}][^}.]*)[^}]*\}/g)].map(([, name = '']) => name);
      return [...named, ...references(member)];
    }
    return references(member);
  });
}
