import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';

/** What a test may need besides Node. */
export type Requirement =
  | 'chromium'
  | 'firefox'
  | 'coturn'
  | 'openssl'
  | 'nftables'
  | 'iproute2'
  | 'nsenter'
  | 'ipv6'
  | 'root';

interface Check {
  readonly met: () => boolean;
  readonly remedy: string;
}

const checks: Readonly<Record<Requirement, Check>> = {
  chromium: program('chromium', 'chromium'),
  firefox: program('firefox-esr', 'firefox-esr'),
  coturn: program('turnserver', 'coturn'),
  openssl: program('openssl', 'openssl'),
  nftables: program('nft', 'nftables'),
  iproute2: program('ip', 'iproute2'),
  nsenter: program('nsenter', 'util-linux'),
  ipv6: { met: hasIPv6, remedy: 'sysctl net.ipv6.conf.lo.disable_ipv6=0' },
  root: { met: () => process.getuid?.() === 0, remedy: 'run as root: network namespaces need it' },
};

function program(name: string, debianPackage: string): Check {
  return { met: () => findProgram(name) !== undefined, remedy: `apt-get install ${debianPackage}` };
}

/** Whether loopback has IPv6. */
function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}

/** Absolute path of a program; /usr/sbin is searched even if a user's PATH leaves it out. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** {@link findProgram} for callers that asked {@link requires} first. */
export function programPath(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/**
 * Whether everything that a suite needs is here: `describe.skipIf(!requires('chromium'))(...)`.
 * On a laptop a loud line names what is missing and the suite is skipped; under `CI=true` it is an error, so that a machine
 * without browsers cannot turn green by running nothing.
 */
export function requires(...needed: readonly Requirement[]): boolean {
  const missing = needed.filter((name) => !checks[name].met());
  if (missing.length === 0) return true;
  const text = missing.map((name) => `${name} (${checks[name].remedy})`).join(', ');
  if (process.env.CI === 'true') throw new Error(`CI must run every test, but this machine lacks ${text}`);
  process.stderr.write(`\n!!! SKIPPED, because this machine lacks ${text}\n\n`);
  return false;
}
