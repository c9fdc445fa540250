import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { root } from '../support/root';

/** What the examples leave to the reader: the game around them, and what an earlier example has made. */
const GAME = `
  import type * as holdfast from 'holdfast';
  import type * as inspect from 'holdfast/inspect';
  declare global {
    const WebRTCManager: typeof holdfast.WebRTCManager;
    const socket: import('socket.io-client').Socket;
    const [game, me]: [string, string];
    const manager: holdfast.WebRTCManager;
    const recorder: inspect.Recorder;
    const inspector: inspect.StatelyInspector;
    const iframe: HTMLIFrameElement;
    const broadcast: typeof inspect.broadcast;
    const statelyInspect: typeof inspect.statelyInspect;
    const badge: { set(state: holdfast.ConnectionState, waitingFor: string | null): void };
    type InspectionEvent = import('xstate').InspectionEvent;
    const [other, others]: [string, string[]];
    function useEffect(effect: () => () => void, dependencies: readonly unknown[]): void;
    function join(): Promise<void>;
    function receive(data: unknown, from?: string): void;
    function leftTheGame(player: string): void;
    function pause(): void;
    function resume(): void;
    function playThroughServer(reason: string, advice: string): void;
    function show(text: string, attempts?: number, maxAttempts?: number): void;
    function save(text: string): void;
    function download(text: string): void;
    function inspectClassic(options: { url: string; iframe: HTMLIFrameElement; allow: string[] }): {
      observe(options: { label: string }): (event: InspectionEvent) => void;
    };
  }`;

const PAGES = [
  'README',
  'CONTRIBUTING',
  'docs/INSPECTING',
  'docs/MIGRATING',
  'docs/PROTOCOL',
  'docs/RECORDS',
];

/** Each example as a file of its own; its line in the page is in the file name. An example in braces is a type. */
async function readExamples(): Promise<Map<string, string>> {
  const examples = new Map<string, string>();
  for (const page of PAGES) {
    const text = await readFile(join(root, `${page}.md`), 'utf8');
    for (const { 1: code = '', index } of text.matchAll(/^```[tj]s\n(.*?)^```$/gms)) {
      const line = text.slice(0, index).split('\n').length;
      const name = `${page.replace('/', '-')}.md-${line}.ts`;
      examples.set(
        join(root, 'tests/docs', name),
        `${code.replace(/^\{/, 'type Example = {')}\nexport {};\n`,
      );
    }
  }
  return examples;
}

function complaintsOf(examples: ReadonlyMap<string, string>): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config.config, files: [], include: [] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile: read, getSourceFile } = host;
  host.fileExists = (name) => examples.has(name) || fileExists(name);
  host.readFile = (name) => examples.get(name) ?? read(name);
  host.getSourceFile = (name, target, ...others) => {
    const code = examples.get(name);
    return code === undefined
      ? getSourceFile(name, target, ...others)
      : ts.createSourceFile(name, code, target);
  };
  const program = ts.createProgram([...examples.keys()], { ...options, noUnusedLocals: false }, host);
  return [...examples.keys()].flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(
        ({ messageText }) =>
          `${name.split('/').at(-1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      ),
  );
}

it('the examples of the README and of the pages in docs compile as they are', {
  timeout: 120_000,
}, async () => {
  const examples = await readExamples();
  expect(examples.size).toBeGreaterThan(10);
  expect(complaintsOf(new Map([...examples, [join(root, 'tests/docs/game.d.ts'), GAME]]))).toEqual([]);
});
