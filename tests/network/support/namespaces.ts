import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { run, runQuietly } from './commands.js';

export type Peer = 'a' | 'b';
type Node = Peer | 'router';

/**
 * hf<pid>-<random>-<role>: the pid names the owner, so that a later run can remove what a killed one left;
 * the random part keeps two labs of one process apart (vitest may run files as threads).
 */
const OWN_NAME = /^hf(\d+)-[0-9a-f]+-(?:a|b|router)$/;

export interface Namespaces {
  readonly names: Readonly<Record<Node, string>>;
  /** Runs a program inside. It enters only the network, which is quicker than `ip netns exec`, which remounts /sys. */
  exec(node: Node, program: string, args: readonly string[], input?: string): Promise<string>;
  destroy(): void;
}

export async function createNamespaces(): Promise<Namespaces> {
  sweepStaleNamespaces();
  const stem = `hf${process.pid}-${randomBytes(3).toString('hex')}`;
  const names = { a: `${stem}-a`, b: `${stem}-b`, router: `${stem}-router` };
  const destroy = (): void => {
    process.off('exit', destroy);
    for (const name of Object.values(names)) destroyNamespace(name);
  };
  process.on('exit', destroy);
  for (const name of Object.values(names)) await run('ip', ['netns', 'add', name]);
  return {
    names,
    exec: (node, program, args, input) =>
      run('nsenter', [`--net=/run/netns/${names[node]}`, program, ...args], input),
    destroy,
  };
}

/** Removes the namespaces of test runs whose process is gone, with what still runs inside them. */
function sweepStaleNamespaces(): void {
  for (const line of runQuietly('ip', ['netns', 'list']).split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const pid = OWN_NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) destroyNamespace(name);
  }
}

function destroyNamespace(name: string): void {
  // Whatever runs inside was started by the lab, because nothing else can have entered.
  for (const pid of runQuietly('ip', ['netns', 'pids', name]).split('\n')) {
    if (pid !== '') runQuietly('kill', ['-9', pid]);
  }
  runQuietly('ip', ['netns', 'del', name]);
}
