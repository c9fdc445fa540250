import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { requires } from '../../tests/support/requirements';
import { USAGE } from '../src/cli-options';
import { logFileName } from '../src/research-log';
import { Client, DEADLINE_MS, startPair, startWorld } from './world';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Starting Node and tsx on a busy machine; it only bounds a hang. */
const START_DEADLINE_MS = 30_000;

async function run(env: Record<string, string>, wrapper: readonly string[] = []) {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-main-'));
  const [command = '', ...args] = [...wrapper, process.execPath, '--import', 'tsx', MAIN];
  const child = spawn(command, args, { env: { ...process.env, DATA_DIR: dataDir, ...env } });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });
  return { child, printed: collect(child), dataDir };
}

function collect(child: ChildProcess): { text: () => string; until: (what: RegExp) => Promise<string> } {
  let text = '';
  const waiting = new Set<() => void>();
  const add = (chunk: unknown): void => {
    text += String(chunk);
    for (const wake of waiting) wake();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  const until = (what: RegExp) =>
    new Promise<string>((resolve) => {
      const wake = (): void => {
        const found = what.exec(text);
        if (found !== null) resolve(found[1] ?? found[0]);
      };
      waiting.add(wake);
      wake();
    });
  return { text: () => text, until };
}

describe('the program', { timeout: START_DEADLINE_MS }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints where to play, and stops cleanly on %s while players are connected',
    async (signal) => {
      const { child, printed } = await run({ PORT: '0' });
      const port = await printed.until(/Holdfast duel: http:\/\/localhost:(\d+)/);
      await printed.until(/two browser windows/);
      await printed.until(new RegExp(`http://localhost:${port}/visualizer/`));
      const player = await Client.connect(`http://127.0.0.1:${port}`);
      await player.join('duel', 0);
      const gone = player.gone;
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      await gone;
    },
  );

  it.skipIf(!requires('ipv6'))('prints an IPv6 address the way a browser takes it', async () => {
    const { printed } = await run({ PORT: '0', HOST: '0:0:0:0:0:0:0:1' });
    const url = await printed.until(/Holdfast duel: (http:.*)/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('prints the addresses for other devices when it admits them', async () => {
    const { printed } = await run({ PORT: '0', HOST: '0.0.0.0' });
    const port = await printed.until(/Holdfast duel: http:\/\/localhost:(\d+)/);
    await printed.until(/Ctrl\+C/);
    const outer = Object.values(networkInterfaces()).flatMap((all = []) =>
      all.filter(({ family, internal }) => family === 'IPv4' && !internal),
    );
    const lines = printed
      .text()
      .split('\n')
      .filter((line) => line.startsWith('From another device: '));
    expect(lines).toEqual(outer.map(({ address }) => `From another device: http://${address}:${port}`));
  });

  it('says at once that it cannot write the research log, and serves nevertheless', async () => {
    const { printed } = await run({ PORT: '0', DATA_DIR: MAIN });
    const url = await printed.until(/Holdfast duel: (http:.*)/);
    expect(printed.text()).toMatch(/cannot write the research log.*EEXIST/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says what to do when its port is taken', async () => {
    const world = await startWorld();
    await startPair(world);
    const port = world.server.address?.port ?? 0;
    const { child, printed } = await run({ PORT: String(port) });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(printed.text().trim()).toBe(
      `port ${port} is in use by another program: stop that program, or choose another port: npm start -- --port ${port + 1}`,
    );
  });

  it.each([
    [
      'an address of another machine',
      { HOST: '192.0.2.1' },
      'HOST 192.0.2.1 is not an address of this machine',
    ],
    [
      'a setting that cannot be used',
      { PORT: 'many' },
      `PORT is 'many': expected a whole number from 0 to 65535\n\n${USAGE}`,
    ],
  ])('exits with 1 and says what is wrong when it is given %s', async (_what, env, says) => {
    const { child, printed } = await run({ PORT: '0', ...env });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(printed.text().trim()).toBe(says.trim());
  });

  it('keeps whole lines on a full disk, and counts the records it lost', async () => {
    // A limit of 4 KiB for each file: a write fails there as it does on a full disk.
    const limit = ['sh', '-c', 'ulimit -f 8; exec "$@"', 'sh'];
    const { printed, dataDir } = await run({ PORT: '0' }, limit);
    const url = `http://127.0.0.1:${await printed.until(/localhost:(\d+)/)}`;
    const player = await Client.connect(url);
    await player.join('duel', 0);
    const summary = { game_id: 'duel', player_id: 0, summary: 'x'.repeat(900) };
    for (let n = 0; n < 5; n += 1) await player.ask('p2p_episode_summary', summary);
    const account = async () => {
      const { droppedRecords } = await (await fetch(`${url}/healthz`)).json();
      const text = await readFile(join(dataDir, logFileName('duel')), 'utf8');
      return { isWhole: text.endsWith('\n'), records: text.split('\n').length - 1 + droppedRecords };
    };
    await vi.waitFor(async () => expect(await account()).toEqual({ isWhole: true, records: 5 }), {
      timeout: DEADLINE_MS,
    });
  });

  // npm appends the flags to the last command of the script, and an npm there would keep them for itself.
  it('receives the flags of `npm start --` at the root', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const last = String(scripts.start).split('&&').at(-1);
    const child = spawn(`${last} --help`, { cwd: ROOT, shell: true });
    const printed = collect(child);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(printed.text()).toContain(USAGE);
  });
});
