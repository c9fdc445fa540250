import { isIPv6 } from 'node:net';

/** The address that connections are counted by. A single household has 2^64 IPv6 addresses, so only their first four groups count. */
export function networkOf(address: string): string {
  // A dual-stack socket writes IPv4 addresses as `::ffff:192.0.2.1`.
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
