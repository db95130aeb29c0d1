/** Looks a policy variable up, such as `aws:PrincipalTag/tenant`. */
export type VariableValue = (key: string) => string | undefined;

/** Says whether a text matches; variables are looked up as they are needed. */
export type Pattern = (text: string, variable: VariableValue) => boolean;

const ANY_CHARACTERS = -1;
const ANY_CHARACTER = -2;
const COLON = 58;

/** A character code, a wildcard, or a variable that is put in when the pattern is matched. */
type Token = number | { readonly variable: string; readonly otherwise: string | undefined };

interface PatternOptions {
  /** Gives `*` and `?` their meaning. */
  readonly wildcards: boolean;
}

/**
 * A text of a policy as a matcher: `*` stands for any characters, `?` for one, `${key}` and
 * `${key, 'default'}` for a variable whose value is taken literally, `${*}`, `${?}` and `${$}` for
 * those characters. A variable without a value or default matches nothing.
 */
export function compilePattern(source: string, options: PatternOptions): Pattern {
  return compileTokens(tokensOf(source, options));
}

/**
 * An ARN of a policy as a matcher. The six parts of an ARN are compared one by one, so that a
 * wildcard does not reach over a colon, except in the last part; a bare `*` matches everything.
 *
 * @returns undefined when the text is not an ARN
 */
export function compileArnPattern(source: string): Pattern | undefined {
  if (source === '*') return () => true;
  const parts = splitTokens(tokensOf(source, { wildcards: true }));
  if (parts.length < 6) return undefined;
  const head = parts.slice(0, 5);
  const last = compileTokens(parts[5] ?? []);
  if (head.every((part) => part.every(isCharacter))) {
    const prefix = `${head.map((part) => textOf(part)).join(':')}:`;
    return (text, variable) => text.startsWith(prefix) && last(text.slice(prefix.length), variable);
  }
  const matchers = [...head.map(compileTokens), last];
  return (text, variable) => {
    const texts = splitArn(text);
    return texts !== undefined && matchers.every((match, i) => match(texts[i] ?? '', variable));
  };
}

function splitArn(text: string): string[] | undefined {
  const parts = text.split(':');
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function tokensOf(source: string, { wildcards }: PatternOptions): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charCodeAt(at);
    const end = source.startsWith('${', at) ? source.indexOf('}', at) : -1;
    if (end > 0) {
      tokens.push(variableToken(source.slice(at + 2, end)));
      at = end;
    } else if (wildcards && source[at] === '*') {
      if (tokens.at(-1) !== ANY_CHARACTERS) tokens.push(ANY_CHARACTERS);
    } else if (wildcards && source[at] === '?') {
      tokens.push(ANY_CHARACTER);
    } else {
      tokens.push(character);
    }
  }
  return tokens;
}

function variableToken(inside: string): Token {
  if (inside === '*' || inside === '?' || inside === '$') return inside.charCodeAt(0);
  const match = /^\s*([^,]+?)\s*(?:,\s*'(.*)'\s*)?$/.exec(inside);
  return { variable: match?.[1] ?? inside, otherwise: match?.[2] };
}

/** Cuts at the first five literal colons. */
function splitTokens(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === COLON && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

const isCharacter = (token: Token): token is number => typeof token === 'number' && token >= 0;

const textOf = (codes: readonly number[]): string =>
  codes.map((code) => String.fromCharCode(code)).join('');

function compileTokens(tokens: readonly Token[]): Pattern {
  if (tokens.length === 1 && tokens[0] === ANY_CHARACTERS) return () => true;
  if (tokens.every(isCharacter)) {
    const literal = textOf(tokens);
    return (text) => text === literal;
  }
  const front = tokens.slice(0, -1);
  if (tokens.at(-1) === ANY_CHARACTERS && front.every(isCharacter)) {
    const prefix = textOf(front);
    return (text) => text.startsWith(prefix);
  }
  if (tokens.every((token) => typeof token === 'number')) {
    return (text) => matchesCodes(tokens, text);
  }
  return (text, variable) => {
    const codes = withVariables(tokens, variable);
    return codes !== undefined && matchesCodes(codes, text);
  };
}

function withVariables(tokens: readonly Token[], variable: VariableValue): number[] | undefined {
  const codes: number[] = [];
  for (const token of tokens) {
    if (typeof token === 'number') {
      codes.push(token);
      continue;
    }
    const value = variable(token.variable) ?? token.otherwise;
    if (value === undefined) return undefined;
    for (let i = 0; i < value.length; i += 1) codes.push(value.charCodeAt(i));
  }
  return codes;
}

/** Two pointers and one place to go back to: at most length of pattern times length of text. */
function matchesCodes(codes: readonly number[], text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const code = codes[token];
    if (code === ANY_CHARACTERS) {
      star = token;
      starAt = at;
      token += 1;
    } else if (code === ANY_CHARACTER || code === text.charCodeAt(at)) {
      at += 1;
      token += 1;
    } else if (star >= 0) {
      token = star + 1;
      starAt += 1;
      at = starAt;
    } else {
      return false;
    }
  }
  while (codes[token] === ANY_CHARACTERS) token += 1;
  return token === codes.length;
}
