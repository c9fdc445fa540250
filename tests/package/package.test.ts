import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tooYoungFor } from '../support/oldest-browsers';
import { root } from '../support/root';
import { type Installed, installPacked, run } from './installed';

const ENTRIES = [
  'holdfast',
  'holdfast/machines',
  'holdfast/inspect',
  'holdfast/inspect/control',
  'holdfast/testing',
];

describe('the package, packed and installed', () => {
  let installed: Installed;

  beforeAll(async () => {
    installed = await installPacked();
  });
  afterAll(() => installed.remove());

  const namesOf = {
    module: (entry: string) =>
      installed.evaluate(
        'module',
        `console.log(JSON.stringify(Object.keys(await import('${entry}')).sort()))`,
      ),
    commonjs: (entry: string) =>
      installed.evaluate('commonjs', `console.log(JSON.stringify(Object.keys(require('${entry}')).sort()))`),
  };

  it.each(ENTRIES)('exports the same names of %s to import and to require', async (entry) => {
    const names = await namesOf.module(entry);
    expect(names).not.toEqual([]);
    expect(await namesOf.commonjs(entry)).toEqual(names);
  });

  it.each([
    ['a bundler', 'esnext', 'bundler'],
    ['Node', 'nodenext', 'nodenext'],
    ['Node before it supported exports', 'esnext', 'node10'],
  ])('has types that pass a full check, when resolved as by %s', async (_, module, moduleResolution) => {
    const strict = { strict: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
    const target = { target: 'es2022', lib: ['es2022', 'dom'], types: [], module, moduleResolution };
    const compilerOptions = { noEmit: true, ignoreDeprecations: '6.0', ...strict, ...target };
    const imports = [...ENTRIES, 'holdfast/standalone'].map((entry) => `import '${entry}';\n`);
    await writeFile(join(installed.folder, 'user.mts'), imports.join(''));
    await writeFile(
      join(installed.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['user.mts'] }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    expect(await run(process.execPath, [tsc, '--project', '.'], installed.folder)).toBe('');
  });

  it('is understood by the oldest browsers that the README names, inspect.js only from Safari 16.4 on', async () => {
    const dist = join(installed.folder, 'node_modules/holdfast/dist');
    const names = (await readdir(dist)).filter((name) => name.endsWith('.js'));
    const read = names.map(async (name) => [name, await readFile(join(dist, name), 'utf8')] as const);
    const files = new Map(await Promise.all(read));
    expect([await tooYoungFor('safari15.4', files), await tooYoungFor('safari16.4', files)]).toEqual([
      ['inspect.js'],
      [],
    ]);
  });

  it('exports what a page of upstream imports', async () => {
    expect(await namesOf.module('holdfast')).toEqual(
      expect.arrayContaining(['ConnectionQualityMonitor', 'LatencyTelemetry', 'WebRTCManager', 'default']),
    );
  });

  it('gives a <script> the global Holdfast, and needs no global of Node', async () => {
    const code = await readFile(join(installed.folder, 'node_modules/holdfast/dist/index.global.js'), 'utf8');
    const page = vm.createContext({});
    vm.runInContext(code, page);
    expect(vm.runInContext('Object.keys(Holdfast).sort()', page)).toEqual(await namesOf.module('holdfast'));
  });

  it('names the authors of its code in the files that contain xstate, and in the licence', async () => {
    for (const file of ['dist/index.global.js', 'dist/standalone.js', 'LICENSE']) {
      const text = await readFile(join(installed.folder, 'node_modules/holdfast', file), 'utf8');
      expect(text).toMatch(/\(c\) 2026 Holdfast contributors/);
      expect(text).toMatch(/\(c\) 2015 David Khourshid/);
    }
  });

  it('documents each public member of what a game creates, passes in and receives', () => {
    const MET =
      /^(WebRTCManager\w*|ConnectionQualityMonitor|ConnectionStatus|Degradation|Failure|LatencyTelemetry|LostInfo|PathInfo|QualityMonitorOptions)$/;
    const entry = join(installed.folder, 'node_modules/holdfast/dist/index.d.ts');
    const program = ts.createProgram([entry], { moduleResolution: ts.ModuleResolutionKind.Bundler });
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(entry) ?? expect.fail('no declarations');
    const module = checker.getSymbolAtLocation(source) ?? expect.fail('no module');
    const bare = checker.getExportsOfModule(module).flatMap((exported) => {
      if (!MET.test(exported.name)) return [];
      const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(exported));
      const words = (of: ts.Symbol) => [...of.getDocumentationComment(checker), ...of.getJsDocTags(checker)];
      return checker
        .getPropertiesOfType(type)
        .filter((member) => !/^_|#/.test(member.name) && words(member).length === 0);
    });
    expect(bare.map((member) => member.name)).toEqual([]);
  });

  it('leaves no control in a production build', async () => {
    const bundled = async (...conditions: string[]) => {
      const contents = `import { createControl } from 'holdfast/inspect/control'; window.control = createControl();`;
      const stdin = { contents, resolveDir: installed.folder };
      const { outputFiles } = await build({
        stdin,
        bundle: true,
        conditions,
        write: false,
        logLevel: 'silent',
      });
      return outputFiles[0]?.text ?? '';
    };
    expect(await bundled()).toContain('attemptIceRestart');
    const page = vm.createContext({ window: {} });
    const production = await bundled('production');
    expect(production).not.toMatch(/attemptIceRestart|simulate-loss/);
    vm.runInContext(production, page);
    expect(vm.runInContext('window.control', page)).toBeNull();
  });

  it('lets a game test its own pause and resume, as the example does', async () => {
    await cp(join(root, 'examples/testing-a-game'), join(installed.folder, 'example'), { recursive: true });
    const tests = 'example/pause-and-resume.test.mjs';
    const report = await run(process.execPath, ['--test', '--test-reporter=tap', tests], installed.folder);
    expect(report).toMatch(/^# pass [1-9]/m);
    expect(report).toMatch(/^# fail 0$/m);
  });

  it('contains the build, the docs and the usual files, and nothing else', async () => {
    const files = await readdir(join(installed.folder, 'node_modules/holdfast'));
    expect(files.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json']);
  });

  it('contains each page of docs/ that its README and its declarations name', async () => {
    const folder = join(installed.folder, 'node_modules/holdfast');
    const dist = (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.d.ts'));
    const texts = ['README.md', ...dist.map((name) => `dist/${name}`)].map((name) =>
      readFile(join(folder, name), 'utf8'),
    );
    const named = (await Promise.all(texts)).join().match(/docs\/[\w/-]+\.md/g) ?? [];
    const there = (await readdir(join(folder, 'docs'), { recursive: true })).map((name) => `docs/${name}`);
    expect(there).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  it.each(ENTRIES)('mentions each name of %s in its docs', async (entry) => {
    const docs = join(installed.folder, 'node_modules/holdfast/docs');
    const pages = ['MIGRATING', 'STATES', 'RECORDS', 'INSPECTING', 'TESTING-A-GAME'];
    const texts = pages.map((page) => readFile(join(docs, `${page}.md`), 'utf8'));
    const words = new Set((await Promise.all(texts)).join().match(/\w+/g));
    expect([...words]).toEqual(expect.arrayContaining(Object(await namesOf.module(entry))));
  });

  it('installs beside Socket.IO client 4.0.2, one of the first of version 4', async () => {
    const wanted = ['--dry-run', '--save-exact', '--prefer-offline', '--no-audit', 'socket.io-client@4.0.2'];
    expect(await run('npm', ['install', ...wanted], installed.folder)).toMatch(
      /^add socket.io-client 4.0.2$/m,
    );
  });

  it('installs xstate and nothing else', async () => {
    const modules = await readdir(join(installed.folder, 'node_modules'));
    expect(modules.filter((name) => !name.startsWith('.')).sort()).toEqual(['holdfast', 'xstate']);
  });
});

describe('the manifest', () => {
  it('passes publint and every way to resolve types', async () => {
    expect(await run('npm', ['run', 'check:package'], root)).toContain('All good!');
  });
});
