import { BlockList, isIP } from 'node:net';

/**
 * Address ranges that are not the public internet. Source: the IANA special-purpose address
 * registries (RFC 6890 and its successors), read as "not globally reachable".
 */
const RANGES: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const notPublic = new BlockList();
for (const [network, prefix] of RANGES) notPublic.addSubnet(network, prefix, 'ipv4');

/** Global unicast IPv6, except what lies in it for tunnels, documentation and translation. */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
const specialV6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  specialV6.addSubnet(network, prefix, 'ipv6');
}

/** True for an address of the public internet; translated and mapped forms are not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4');
    case 6:
      return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
    default:
      return false;
  }
}

const OWN_SUFFIXES = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'api.aws',
  'on.aws',
  'internal',
  'local',
  'localhost',
  'home.arpa',
];

/** Why a URL may not be fetched whatever it resolves to, or undefined. */
export function refusalOf(url: URL, blockedHosts: readonly string[]): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'Only http and https are fetched.';
  if (url.username || url.password) return 'A URL with credentials is not fetched.';
  if (url.port !== '') return 'Only the standard ports are fetched.';
  const host = url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (isIP(host) !== 0) return isPublicAddress(host) ? undefined : 'The address is not public.';
  if (!host.includes('.')) return 'The host is not a public name.';
  const blocked = [...OWN_SUFFIXES, ...blockedHosts];
  if (blocked.some((suffix) => suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)))) {
    return 'The host is not to be reached from here.';
  }
  return undefined;
}
