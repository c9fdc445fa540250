import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/root';

const execute = promisify(execFile);

/** Output of a program; a failure carries what it printed. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execute(command, [...args], { cwd, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** A project of a user, with the packed library in its node_modules. */
export interface Installed {
  readonly folder: string;
  /** Runs a script in that project and parses the JSON it prints. */
  evaluate(type: 'module' | 'commonjs', code: string): Promise<unknown>;
  remove(): Promise<void>;
}

/** Builds, packs and installs like a release; nothing of the working copy is linked. */
export async function installPacked(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-package-'));
  await run('npm', ['run', 'build'], root);
  await run('npm', ['pack', '--pack-destination', folder, '--loglevel', 'error'], root);
  const [tarball = ''] = (await run('ls', [folder], folder))
    .split('\n')
    .filter((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), '{ "name": "user", "private": true }\n');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], folder);
  return {
    folder,
    evaluate: async (type, code) =>
      JSON.parse(await run(process.execPath, [`--input-type=${type}`, '--eval', code], folder)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
