import { build, type Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { root } from '../support/root';

/** Fails the build as soon as anything in src/inspect is imported. */
const withoutWatching: Plugin = {
  name: 'without-watching',
  setup({ onLoad }) {
    onLoad({ filter: /src[\\/]inspect[\\/]/ }, ({ path }) => ({
      errors: [{ text: `a game imports ${path}` }],
    }));
  },
};

async function bundleGame(code: string, plugins: Plugin[] = []) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'game.ts', loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins,
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

const GAME = `import { WebRTCManager } from 'holdfast'; new WebRTCManager(io(), 'game', '1').connectToPeer('2');`;
const WATCHED = `import { WebRTCManager } from 'holdfast'; import { createRecorder } from 'holdfast/inspect';
new WebRTCManager(io(), 'game', '1', { inspect: createRecorder().inspect }).connectToPeer('2');`;

describe('the bundle of a game that is not watched', () => {
  it('is byte for byte the same as without src/inspect', async () => {
    const [game, without] = await Promise.all([bundleGame(GAME), bundleGame(GAME, [withoutWatching])]);
    expect(game.text).toContain('[WebRTC]');
    expect(game.text).toBe(without.text);
    expect(game.inputs.filter((path) => /src\/(inspect|testing)\//.test(path))).toEqual([]);
  });

  it('would differ if watching were imported', async () => {
    expect((await bundleGame(WATCHED)).inputs.some((path) => path.startsWith('src/inspect/'))).toBe(true);
    await expect(bundleGame(WATCHED, [withoutWatching])).rejects.toThrow('a game imports');
  });
});
