/** What a model costs, in micro-dollars per million tokens (= dollars per million × 1,000,000). */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
}

const dollars = (input: number, output: number): ModelPrice => ({
  input: input * 1_000_000,
  output: output * 1_000_000,
});

/**
 * List prices in dollars per million tokens, uncached, as the vendors published them by
 * November 2026. `mirai-tour` runs on the machine itself and costs nothing.
 */
const PRICES: Readonly<Record<string, ModelPrice>> = {
  'mirai-tour': dollars(0, 0),
  'gpt-4o': dollars(2.5, 10),
  'gpt-4o-mini': dollars(0.15, 0.6),
  'gpt-4.1': dollars(2, 8),
  'gpt-4.1-mini': dollars(0.4, 1.6),
  'gpt-4.1-nano': dollars(0.1, 0.4),
};

/** The price of a model, or undefined: then it may not be called, because no budget could hold it. */
export const priceOf = (model: string): ModelPrice | undefined =>
  Object.hasOwn(PRICES, model) ? PRICES[model] : undefined;

/** What a call costs in micro-dollars, rounded up. */
export const costOf = (price: ModelPrice, tokens: { input: number; output: number }): number =>
  Math.ceil((price.input * tokens.input + price.output * tokens.output) / 1_000_000);
