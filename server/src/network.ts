import { isIPv6 } from 'node:net';

/** Whose an address is. Of IPv6 a single household has 2^64: its first four groups name them all. */
export function networkOf(address: string): string {
  // An IPv4 address on a socket that hears both is written `::ffff:192.0.2.1`.
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
