/** One step of a path. */
export type PathStep =
  | { readonly kind: 'member'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number; readonly step: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend'; readonly step: PathStep }
  | { readonly kind: 'filter'; readonly test: FilterTest }
  | { readonly kind: 'function'; readonly name: PathFunction };

export type PathFunction = 'length' | 'size' | 'min' | 'max' | 'sum' | 'avg' | 'keys';

/** A condition of `[?(…)]`. */
export type FilterTest =
  | { readonly kind: 'or' | 'and'; readonly tests: readonly FilterTest[] }
  | { readonly kind: 'not'; readonly test: FilterTest }
  | { readonly kind: 'present'; readonly path: FilterPath }
  | {
      readonly kind: 'compare';
      readonly operator: string;
      readonly left: FilterOperand;
      readonly right: FilterOperand;
    };

export interface FilterPath {
  readonly kind: 'path';
  readonly from: '@' | '$';
  readonly steps: readonly PathStep[];
}

export type FilterOperand =
  | FilterPath
  | {
      readonly kind: 'value';
      readonly value: string | number | boolean | null | readonly unknown[];
    };

/** Where a path begins. */
export type PathRoot =
  | { readonly kind: 'data' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

/** A parsed path with where it begins: the data `$`, the context object `$$`, or a variable's name. */
export interface JsonPath {
  readonly text: string;
  readonly root: PathRoot;
  readonly steps: readonly PathStep[];
  /** True when it can give at most one value; otherwise it gives an array. */
  readonly definite: boolean;
}

/** What a path may not be; the message says where it stops making sense. */
export class PathSyntaxError extends Error {}

const parsed = new Map<string, JsonPath>();
const KEPT_PATHS = 5000;

/** @throws PathSyntaxError when the text is not a path */
export function parsePath(text: string): JsonPath {
  const known = parsed.get(text);
  if (known) return known;
  const path = new PathReader(text).path();
  if (parsed.size >= KEPT_PATHS) parsed.clear();
  parsed.set(text, path);
  return path;
}

/** True for a path of names and single indexes only, as ResultPath and Choice's Variable need. */
export function isReferencePath(path: JsonPath): boolean {
  return path.steps.every(
    (step) =>
      (step.kind === 'member' && step.names.length === 1) ||
      (step.kind === 'index' && step.indexes.length === 1),
  );
}

const FUNCTIONS: readonly string[] = ['length', 'size', 'min', 'max', 'sum', 'avg', 'keys'];
const OPERATORS = ['==', '!=', '<=', '>=', '=~', '<', '>', 'in ', 'nin ', 'contains '] as const;

class PathReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): JsonPath {
    const root = this.#root();
    const steps = this.#steps(true);
    return { text: this.#text, root, steps, definite: steps.every(isDefinite) };
  }

  #root(): PathRoot {
    if (!this.#take('$')) throw this.#error('a path begins with $');
    if (this.#take('$')) return { kind: 'context' };
    const name = this.#match(/\p{ID_Start}\p{ID_Continue}*/uy);
    return name === undefined ? { kind: 'data' } : { kind: 'variable', name };
  }

  #steps(toEnd: boolean): PathStep[] {
    const steps: PathStep[] = [];
    while (this.#at < this.#text.length) {
      if (this.#take('..')) {
        const step = this.#peek('[') ? this.#bracket() : this.#afterDot();
        steps.push({ kind: 'descend', step });
      } else if (this.#take('.')) {
        steps.push(this.#peek('[') ? this.#bracket() : this.#afterDot());
      } else if (this.#peek('[')) {
        steps.push(this.#bracket());
      } else if (toEnd) {
        throw this.#error('expected . or [');
      } else {
        break;
      }
    }
    return steps;
  }

  #afterDot(): PathStep {
    if (this.#take('*')) return { kind: 'wildcard' };
    const name = this.#match(/[^.[\]()*?@,:\s'"=<>!&|{}\\]+/y);
    if (name === undefined) throw this.#error('expected a name');
    if (this.#take('()')) {
      if (!FUNCTIONS.includes(name)) throw this.#error(`no function ${name}`);
      return { kind: 'function', name: name as PathFunction };
    }
    return { kind: 'member', names: [name] };
  }

  #bracket(): PathStep {
    this.#expect('[');
    this.#space();
    const step = this.#inBrackets();
    this.#space();
    this.#expect(']');
    return step;
  }

  #inBrackets(): PathStep {
    if (this.#take('*')) return { kind: 'wildcard' };
    if (this.#take('?')) {
      this.#space();
      this.#expect('(');
      const test = this.#anyOf();
      this.#space();
      this.#expect(')');
      return { kind: 'filter', test };
    }
    if (this.#peek("'") || this.#peek('"'))
      return { kind: 'member', names: this.#list(() => this.#quoted()) };
    return this.#numbers();
  }

  #numbers(): PathStep {
    const slice = this.#match(/-?\d*\s*:\s*-?\d*(\s*:\s*-?\d*)?/y);
    if (slice !== undefined) {
      const [from, to, step] = slice
        .split(':')
        .map((n) => (n.trim() === '' ? undefined : Number(n)));
      return {
        kind: 'slice',
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        step: step ?? 1,
      };
    }
    return { kind: 'index', indexes: this.#list(() => this.#integer()) };
  }

  #list<Item>(read: () => Item): Item[] {
    const items = [read()];
    for (;;) {
      this.#space();
      if (!this.#take(',')) return items;
      this.#space();
      items.push(read());
    }
  }

  #integer(): number {
    const digits = this.#match(/-?\d+/y);
    if (digits === undefined) throw this.#error('expected an index or a quoted name');
    return Number(digits);
  }

  #quoted(): string {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') throw this.#error('expected a quoted name');
    this.#at += 1;
    let value = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] as string;
      if (character === quote) return value;
      const next = this.#text[this.#at];
      const escapes = character === '\\' && (next === quote || next === '\\');
      value += escapes ? (this.#text[this.#at++] as string) : character;
    }
    throw this.#error('a quoted name does not end');
  }

  #anyOf(): FilterTest {
    const tests = [this.#allOf()];
    while ((this.#space(), this.#take('||'))) tests.push(this.#allOf());
    return tests.length === 1 ? (tests[0] as FilterTest) : { kind: 'or', tests };
  }

  #allOf(): FilterTest {
    const tests = [this.#single()];
    while ((this.#space(), this.#take('&&'))) tests.push(this.#single());
    return tests.length === 1 ? (tests[0] as FilterTest) : { kind: 'and', tests };
  }

  #single(): FilterTest {
    this.#space();
    if (this.#take('!')) return { kind: 'not', test: this.#single() };
    if (this.#take('(')) {
      const inner = this.#anyOf();
      this.#space();
      this.#expect(')');
      return inner;
    }
    const left = this.#operand();
    this.#space();
    const operator = OPERATORS.find((candidate) => this.#take(candidate));
    if (!operator) {
      if (left.kind === 'path') return { kind: 'present', path: left };
      throw this.#error('expected an operator');
    }
    this.#space();
    return { kind: 'compare', operator: operator.trim(), left, right: this.#operand() };
  }

  #operand(): FilterOperand {
    if (this.#peek('@') || this.#peek('$')) {
      const from = this.#text[this.#at++] as '@' | '$';
      return { kind: 'path', from, steps: this.#steps(false) };
    }
    if (this.#peek("'") || this.#peek('"')) return { kind: 'value', value: this.#quoted() };
    if (this.#take('[')) {
      this.#space();
      const value = this.#peek(']') ? [] : this.#list(() => this.#literal());
      this.#space();
      this.#expect(']');
      return { kind: 'value', value };
    }
    return { kind: 'value', value: this.#literal() };
  }

  #literal(): string | number | boolean | null {
    if (this.#peek("'") || this.#peek('"')) return this.#quoted();
    const pattern = this.#match(/\/(?:[^/\\]|\\.)+\/[a-z]*/y);
    if (pattern !== undefined) return pattern;
    const word = this.#match(/(?:true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)(?![\w.-])/y);
    if (word !== undefined) return JSON.parse(word) as number | boolean | null;
    // A bare word stands for itself, as in AWS's samples.
    const bare = this.#match(/[A-Za-z_][\w-]*/y);
    if (bare === undefined) throw this.#error('expected a value');
    return bare;
  }

  #take(token: string): boolean {
    if (!this.#peek(token)) return false;
    this.#at += token.length;
    return true;
  }

  #peek(token: string): boolean {
    return this.#text.startsWith(token, this.#at);
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#error(`expected ${token}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    this.#match(/\s*/y);
  }

  #error(why: string): PathSyntaxError {
    return new PathSyntaxError(`${this.#text}: ${why} at position ${this.#at}`);
  }
}

function isDefinite(step: PathStep): boolean {
  if (step.kind === 'member') return step.names.length === 1;
  if (step.kind === 'index') return step.indexes.length === 1;
  return step.kind === 'function';
}
