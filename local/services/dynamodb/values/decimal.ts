import { invalid } from '../validation.ts';

/** DynamoDB keeps numbers of up to 38 significant digits. */
const MAX_DIGITS = 38;
/** Magnitudes from 1E-130 to 9.99…E+125, as exponents of 0.d1d2… × 10^e. */
const MIN_EXPONENT = -129;
const MAX_EXPONENT = 126;

const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** The value `± 0.<digits> × 10^exponent`; digits begin and end with a non-zero, or are empty for 0. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { negative: false, digits: '', exponent: 0 };

/**
 * The canonical form of a number: plain notation, no leading or trailing zeros.
 *
 * @throws AwsError ValidationException when it is no number, too precise, too large or too small
 */
export function canonicalNumber(text: string): string {
  return PLAIN_INTEGER.test(text) ? text : format(parse(text));
}

/** Less than 0, 0, or greater than 0, as `left` is less than, equal to or greater than `right`. */
export function compareNumbers(left: string, right: string): number {
  if (PLAIN_INTEGER.test(left) && PLAIN_INTEGER.test(right)) return Number(left) - Number(right);
  return Buffer.compare(encodeNumber(left), encodeNumber(right));
}

/** The exact sum or difference. @throws AwsError ValidationException when it has over 38 digits */
export function addNumbers(left: string, right: string, sign: 1 | -1 = 1): string {
  if (PLAIN_INTEGER.test(left) && PLAIN_INTEGER.test(right)) {
    return canonicalNumber(String(Number(left) + sign * Number(right)));
  }
  const a = parse(left);
  const b = parse(right);
  const scale = Math.min(a.exponent - a.digits.length, b.exponent - b.digits.length);
  const sum = scaled(a, scale) + BigInt(sign) * scaled(b, scale);
  return format(checked(sum < 0n, (sum < 0n ? -sum : sum).toString(), scale));
}

/** Significant digits of a canonical number: what its size is counted by. */
export const significantDigits = (canonical: string): number => parse(canonical).digits.length;

/** Bytes that compare (memcmp) as the numbers do: sign, two bytes of exponent, digits. */
export function encodeNumber(text: string): Uint8Array {
  const { negative, digits, exponent } = parse(text);
  if (digits === '') return Uint8Array.of(1);
  const biased = exponent - MIN_EXPONENT + 1;
  const bytes = [2, biased >> 8, biased & 0xff, ...Buffer.from(digits, 'latin1')];
  if (!negative) return Uint8Array.from(bytes);
  // Complemented, and ended above every digit, so that larger magnitudes come first.
  return Uint8Array.from([0, ...bytes.slice(1).map((byte) => 0xff - byte), 0xff]);
}

function parse(text: string): Decimal {
  const match = NUMBER.exec(text);
  const [, sign, whole = '', fraction = '', power = '0'] = match ?? [];
  if (!match || whole + fraction === '') {
    throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  return checked(sign === '-', whole + fraction, Number(power) - fraction.length);
}

/** `± integer × 10^scale`, normalised and held to the limits. */
function checked(negative: boolean, integer: string, scale: number): Decimal {
  const significant = integer.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return ZERO;
  const exponent = scale + significant.length;
  if (digits.length > MAX_DIGITS) {
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  }
  if (exponent > MAX_EXPONENT) {
    throw invalid(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (exponent < MIN_EXPONENT) {
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  return { negative, digits, exponent };
}

function scaled({ negative, digits, exponent }: Decimal, scale: number): bigint {
  if (digits === '') return 0n;
  const value = BigInt(digits) * 10n ** BigInt(exponent - digits.length - scale);
  return negative ? -value : value;
}

function format({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return sign + digits.padEnd(exponent, '0');
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}
