/** Bytes as text; a charset that nobody knows is read as Latin-1, which loses nothing. */
export function decodeCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
