import { parsePath, type JsonPath } from './json-path.ts';

/** A call of an intrinsic function such as `States.Format('…', $.name)`. */
export interface IntrinsicCall {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly IntrinsicArgument[];
}

export type IntrinsicArgument =
  | IntrinsicCall
  | { readonly kind: 'path'; readonly path: JsonPath }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null };

/** Says why a text is not a call of an intrinsic function. */
class IntrinsicSyntaxError extends Error {}

/** The names of all intrinsic functions with how many arguments each takes, at least and at most. */
const INTRINSICS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['States.Format', [1, Infinity]],
  ['States.StringToJson', [1, 1]],
  ['States.JsonToString', [1, 1]],
  ['States.Array', [0, Infinity]],
  ['States.ArrayPartition', [2, 2]],
  ['States.ArrayContains', [2, 2]],
  ['States.ArrayRange', [3, 3]],
  ['States.ArrayGetItem', [2, 2]],
  ['States.ArrayLength', [1, 1]],
  ['States.ArrayUnique', [1, 1]],
  ['States.Base64Encode', [1, 1]],
  ['States.Base64Decode', [1, 1]],
  ['States.Hash', [2, 2]],
  ['States.JsonMerge', [3, 3]],
  ['States.MathRandom', [2, 3]],
  ['States.MathAdd', [2, 2]],
  ['States.StringSplit', [2, 2]],
  ['States.UUID', [0, 0]],
]);

const parsed = new Map<string, IntrinsicCall>();
const KEPT_CALLS = 5000;

/** @throws IntrinsicSyntaxError or PathSyntaxError when the text is not one call and nothing more */
export function parseIntrinsic(text: string): IntrinsicCall {
  const known = parsed.get(text);
  if (known) return known;
  const reader = new IntrinsicReader(text);
  const call = reader.whole();
  if (parsed.size >= KEPT_CALLS) parsed.clear();
  parsed.set(text, call);
  return call;
}

class IntrinsicReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): IntrinsicCall {
    const call = this.#call();
    this.#match(/\s*/y);
    if (this.#at < this.#text.length) throw this.#error('nothing may follow the call');
    return call;
  }

  #call(): IntrinsicCall {
    const name = this.#match(/States\.[A-Za-z0-9]+/y);
    const counts = name === undefined ? undefined : INTRINSICS.get(name);
    if (name === undefined || !counts) throw this.#error('expected an intrinsic function');
    if (this.#match(/\(\s*/y) === undefined) throw this.#error('expected (');
    const args: IntrinsicArgument[] = [];
    while (this.#match(/\s*\)/y) === undefined) {
      if (args.length > 0 && this.#match(/\s*,\s*/y) === undefined)
        throw this.#error('expected , or )');
      args.push(this.#argument());
    }
    if (args.length < counts[0] || args.length > counts[1]) {
      throw this.#error(`${name} does not take ${args.length} arguments`);
    }
    return { kind: 'call', name, args };
  }

  #argument(): IntrinsicArgument {
    if (this.#text.startsWith('States.', this.#at)) return this.#call();
    const character = this.#text[this.#at];
    if (character === "'") return { kind: 'value', value: this.#string() };
    if (character === '$') return { kind: 'path', path: parsePath(this.#pathText()) };
    const word = this.#match(/true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?/y);
    if (word === undefined) throw this.#error('expected an argument');
    return { kind: 'value', value: JSON.parse(word) as number | boolean | null };
  }

  /** A string in single quotes; a backslash may stand before `'`, `{`, `}`, another backslash, or n, r, t. */
  #string(): string {
    let value = '';
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] as string;
      if (character === "'") return value;
      value += character === '\\' ? this.#escape() : character;
    }
    throw this.#error('a string does not end');
  }

  #escape(): string {
    const next = this.#text[this.#at++] ?? '';
    if (next === "'") return next;
    if (next === '\\' || next === '{' || next === '}') return `\\${next}`;
    if (next === 'n') return '\n';
    if (next === 'r') return '\r';
    if (next === 't') return '\t';
    throw this.#error(`\\${next} is not an escape`);
  }

  /** Everything up to the comma or parenthesis that ends the argument, brackets and quotes balanced. */
  #pathText(): string {
    const start = this.#at;
    let depth = 0;
    let quote = '';
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string;
      if (quote) {
        if (character === quote) quote = '';
      } else if (depth > 0 && (character === "'" || character === '"')) quote = character;
      else if (character === '[' || character === '(') depth += 1;
      else if (character === ']' || (character === ')' && depth > 0)) depth -= 1;
      else if (depth === 0 && (character === ',' || character === ')')) break;
    }
    return this.#text.slice(start, this.#at).trim();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #error(why: string): IntrinsicSyntaxError {
    return new IntrinsicSyntaxError(`${this.#text}: ${why} at position ${this.#at}`);
  }
}
