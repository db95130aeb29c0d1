import { createECDH, createPrivateKey } from 'node:crypto';

/** The order of the group of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * An ECDSA P-256 signature (DER) of a SHA-256 digest. `node:crypto` signs messages only, so the two
 * numbers are computed here; the nonce and its point come from OpenSSL.
 */
export function signDigest(privateKey: Buffer, digest: Buffer): Buffer {
  const d = scalar(privateKey);
  for (;;) {
    const nonce = createECDH('prime256v1');
    const point = nonce.generateKeys();
    const r = number(point.subarray(1, 33)) % ORDER;
    const s = modulo(inverse(number(nonce.getPrivateKey())) * (number(digest) + r * d));
    if (r !== 0n && s !== 0n) return der(r, s);
  }
}

/** Whether a DER signature is that of a digest by the key whose private half is given. */
export function isDigestSignature(privateKey: Buffer, digest: Buffer, signature: Buffer): boolean {
  const pair = readDer(signature);
  if (!pair) return false;
  const [r, s] = pair;
  if (r <= 0n || r >= ORDER || s <= 0n || s >= ORDER) return false;
  // (z + r d) / s times the base point is the nonce's point: the private half spares adding points.
  const nonce = modulo((number(digest) + r * scalar(privateKey)) * inverse(s));
  if (nonce === 0n) return false;
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(nonce.toString(16).padStart(64, '0'), 'hex'));
  return number(curve.getPublicKey().subarray(1, 33)) % ORDER === r;
}

function scalar(privateKey: Buffer): bigint {
  const { d = '' } = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  });
  return number(Buffer.from(d, 'base64url'));
}

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);

const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

/** By the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [a, b] = [modulo(value), ORDER];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return modulo(x);
}

function der(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

/** The two numbers, undefined unless the bytes are exactly their DER form. */
function readDer(signature: Buffer): [bigint, bigint] | undefined {
  const first = signature[3] ?? 0;
  const second = signature[5 + first] ?? 0;
  const r = number(signature.subarray(4, 4 + first));
  const s = number(signature.subarray(6 + first, 6 + first + second));
  return der(r, s).equals(signature) ? [r, s] : undefined;
}
