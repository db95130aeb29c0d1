/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [member: string]: Json;
}

/** The most bytes of UTF-8 that an input, output or result may have on AWS (256 KiB). */
export const MAX_DATA_BYTES = 262_144;

/** True for a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with its text: each is made from the other at most once, and only when asked for. */
export class Data {
  #value: Json | undefined;
  #text: string | undefined;

  private constructor(value: Json | undefined, text: string | undefined) {
    this.#value = value;
    this.#text = text;
  }

  static of(value: Json): Data {
    return new Data(value, undefined);
  }

  static parse(text: string): Data {
    return new Data(undefined, text);
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = JSON.parse(this.#text as string) as Json;
    return this.#value;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#value);
    return this.#text;
  }

  /** True when the text has more bytes than AWS passes between states. */
  get tooLarge(): boolean {
    const { length } = this.text;
    if (length * 3 <= MAX_DATA_BYTES) return false;
    return length > MAX_DATA_BYTES || Buffer.byteLength(this.text) > MAX_DATA_BYTES;
  }
}
