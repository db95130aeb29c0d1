import { invalid } from '../validation.ts';

export type TokenKind = 'identifier' | 'name' | 'value' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(?<identifier>[A-Za-z_][A-Za-z0-9_]*)|(?<name>#[A-Za-z0-9_]+)|(?<value>:[A-Za-z0-9_]+)|(?<number>\d+)|(?<symbol><>|<=|>=|[-+=<>()[\],.]))/y;

/** An expression is at most 4 KB. */
const MAX_EXPRESSION_BYTES = 4096;

/** Reads an expression token by token; `label` names the parameter in error messages. */
export class TokenReader {
  readonly label: string;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(label: string, text: string) {
    this.label = label;
    this.#text = text;
    if (text.trim() === '') throw this.fail('The expression can not be empty;');
    if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES) {
      throw this.fail(
        'Expression size has exceeded the maximum allowed size; ' +
          `expression size: ${Buffer.byteLength(text)}`,
      );
    }
    this.#tokens = this.#read();
  }

  get next(): Token {
    return this.#tokens[this.#position] as Token;
  }

  /** The token after the next one. */
  get following(): Token | undefined {
    return this.#tokens[this.#position + 1];
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#position += 1;
    return token;
  }

  /** Takes the next token if it is this symbol. */
  takeSymbol(symbol: string): boolean {
    const matches = this.next.kind === 'symbol' && this.next.text === symbol;
    if (matches) this.#position += 1;
    return matches;
  }

  /** Takes the next token if it is this keyword, in any case. */
  takeKeyword(keyword: string): boolean {
    const matches = this.isKeyword(keyword);
    if (matches) this.#position += 1;
    return matches;
  }

  isKeyword(keyword: string): boolean {
    return this.next.kind === 'identifier' && this.next.text.toUpperCase() === keyword;
  }

  /** Whether the parenthesis that opens here holds a lone operand, as in `(a) = :b`. */
  atOperandInParentheses(): boolean {
    let depth = 0;
    for (let at = this.#position; at < this.#tokens.length; at += 1) {
      const { kind, text } = this.#tokens[at] as Token;
      if (text === '(') depth += 1;
      else if (text === ')') depth -= 1;
      else if (kind === 'symbol' && !'.[],'.includes(text)) return false;
      if (depth === 0) return this.#comparesAt(at + 1);
    }
    return false;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.syntaxError();
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.syntaxError();
  }

  /** The failure at the next token, with its neighbours, as DynamoDB words it. */
  syntaxError(token: Token = this.next): Error {
    const at = this.#tokens.indexOf(token);
    const near = this.#tokens.slice(Math.max(0, at - 1), at + 2).filter((t) => t.kind !== 'end');
    const first = near[0];
    const last = near.at(-1);
    const excerpt = first && last ? this.#text.slice(first.at, last.at + last.text.length) : '';
    const text = token.kind === 'end' ? '<EOF>' : token.text;
    return this.fail(`Syntax error; token: "${text}", near: "${excerpt}"`);
  }

  fail(message: string): Error {
    return invalid(`Invalid ${this.label}: ${message}`);
  }

  #comparesAt(position: number): boolean {
    const text = this.#tokens[position]?.text.toUpperCase() ?? '';
    return ['=', '<>', '<', '<=', '>', '>=', 'BETWEEN', 'IN'].includes(text);
  }

  #read(): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    for (;;) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(this.#text);
      if (!match) break;
      const [kind, text] =
        Object.entries(match.groups ?? {}).find(([, t]) => t !== undefined) ?? [];
      at = TOKEN.lastIndex;
      tokens.push({ kind: kind as TokenKind, text: text as string, at: at - (text?.length ?? 0) });
    }
    const rest = this.#text.slice(at).trim();
    if (rest !== '') {
      const near = this.#text.slice(tokens.at(-1)?.at ?? 0).slice(0, 20);
      throw this.fail(`Syntax error; token: "${rest.charAt(0)}", near: "${near}"`);
    }
    tokens.push({ kind: 'end', text: '', at: this.#text.length });
    return tokens;
  }
}
