/**
 * The relay with a thousand misbehaving sockets while two hundred honest games go on. Measures relay latency alternately with and without
 * the attack, and memory. Loopback only; ends by itself.
 *
 *   npm run soak:server                    ten minutes
 *   npm run soak:server -- --seconds 30
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSoak } from './soak/soak';
import { judge } from './soak/verdict';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    attackers: { type: 'string', default: '1000' },
    games: { type: 'string', default: '200' },
  },
});

const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-soak-'));
try {
  const result = await startSoak({
    seconds: Number(flags.seconds),
    attackers: Number(flags.attackers),
    games: Number(flags.games),
    dataDir,
    print: (line) => console.log(line),
  });
  if (!(await judge(result, (line) => console.log(line)))) process.exitCode = 1;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
