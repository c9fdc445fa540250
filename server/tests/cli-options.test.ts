import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCliOptions, USAGE } from '../src/cli-options';

const inRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Flag and variable, as in the table of the README. */
const ROWS = readFileSync(inRepository('server/README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `--'))
  .flatMap((line) => {
    const [, flags = '', variables = ''] = line.split('|');
    const names = [...variables.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name);
    return [...flags.matchAll(/`(--[a-z-]+)`/g)].map(([, flag = ''], at) => [flag, names[at] ?? ''] as const);
  });

/** A value for each flag that is not its default. */
const VALUES: Readonly<Record<string, string>> = {
  '--port': '4001',
  '--host': '0.0.0.0',
  '--data-dir': '/elsewhere',
  '--static-dir': '/elsewhere',
  '--visualizer-dir': '/elsewhere',
  '--allowed-origins': 'https://game.example.org',
  '--turn-urls': 'turn:turn.example.org:3478',
  '--turn-secret': 'north',
  '--turn-username': 'somebody else',
  '--turn-credential': 'south',
  '--players-per-game': '4',
  '--max-sockets-per-address': '40',
  '--force-relay': '1',
  '--inspect': 'true',
};

describe('a flag in the README', () => {
  it('is known to the program, with the variable beside it', () => {
    expect(ROWS.map(([flag]) => flag).sort()).toEqual(Object.keys(VALUES).sort());
    for (const [flag, variable] of ROWS)
      expect(USAGE).toMatch(new RegExp(`^  ${flag} +${variable}(?: |$)`, 'm'));
  });

  it.each(ROWS)('%s means the same as %s', (flag, variable) => {
    const value = VALUES[flag] ?? '';
    const env = { TURN_USERNAME: 'u', TURN_CREDENTIAL: 'c' };
    const byFlag = readCliOptions([flag, value], env);
    expect(byFlag).toEqual(readCliOptions([], { ...env, [variable]: value }));
    expect(byFlag).not.toEqual(readCliOptions([], env));
  });

  it('has the documented default, also when its variable is empty', () => {
    const nothing = Object.fromEntries(ROWS.map(([, variable]) => [variable, '']));
    for (const env of [{}, nothing])
      expect(readCliOptions([], env)).toEqual({
        port: 3000,
        host: '127.0.0.1',
        server: {
          dataDir: inRepository('data'),
          staticDir: inRepository('examples/duel/dist'),
          visualizerDir: inRepository('visualizer/dist'),
        },
      });
  });
});

describe('TURN on the command line', () => {
  const urls = ['turn:turn.example.org:3478'];

  it('takes fixed credentials, or a secret, which wins', () => {
    const fixed = ['--turn-username', 'u', '--turn-credential', 'c', '--turn-urls', urls.join()];
    const turnOf = (args: string[]) => readCliOptions(args, {})?.server.turn;
    expect(turnOf(fixed)).toEqual({ username: 'u', credential: 'c', forceRelay: false, urls });
    expect(turnOf([...fixed, '--turn-secret', 's'])).toEqual({ secret: 's', forceRelay: false, urls });
  });
});

describe('a port', () => {
  it.each(['0', '65535'])('may be %s', (port) => {
    expect(readCliOptions(['--port', port], {})?.port).toBe(Number(port));
  });

  it.each(['65536', '-1', '8e3', '80 ', '0x50'])('may not be %j', (port) => {
    expect(() => readCliOptions([`--port=${port}`], {})).toThrow(/^PORT is '.*': expected a whole number/);
  });
});
