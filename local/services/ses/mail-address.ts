import { badRequest } from './ses-error.ts';

/** An address as it stands in a mail: `Ann Smith <ann@example.com>`. */
export interface MailAddress {
  /** As given, for the mail's header. */
  readonly text: string;
  /** The name before the angle brackets, without quotes. */
  readonly name: string;
  /** `ann@example.com` */
  readonly address: string;
  readonly domain: string;
}

const LOCAL_PART = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;
const DOMAIN =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;

/** @throws AwsError BadRequestException for what is no address in 7-bit ASCII */
export function parseAddress(text: string): MailAddress {
  if (/[\x00-\x1f\x7f]/.test(text))
    throw badRequest('Local address contains control or whitespace');
  if (/[^\x20-\x7e]/.test(text)) {
    throw badRequest(`Address ${text} must be 7-bit ASCII; encode its name as RFC 2047 says.`);
  }
  const framed = /^\s*(.*?)\s*<([^<>]*)>\s*$/.exec(text);
  const address = (framed ? (framed[2] ?? '') : text).trim();
  const at = address.lastIndexOf('@');
  if (at < 0) throw badRequest("Missing final '@domain'");
  const domain = address.slice(at + 1);
  if (!LOCAL_PART.test(address.slice(0, at))) throw badRequest(`Illegal address: ${address}`);
  if (!DOMAIN.test(domain)) throw badRequest('Domain contains illegal character');
  const name = (framed?.[1] ?? '').replace(/^"(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1');
  return { text: text.trim(), name, address, domain: domain.toLowerCase() };
}

/** The addresses of a header such as `To`, parted at commas outside quotes and brackets. */
export function splitAddresses(header: string): string[] {
  const parts = header.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
