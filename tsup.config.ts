import { defineConfig, type Options } from 'tsup';

/** TypeScript 6 deprecates options that tsup still sets while it emits declarations. */
const dts = { compilerOptions: { ignoreDeprecations: '6.0' } };

/** Both licences ask that the names travel with the code, and these files are copied alone. */
const papers =
  '/*! Holdfast, (c) 2026 Holdfast contributors; XState, (c) 2015 David Khourshid. MIT: https://opensource.org/license/mit */';

const inOneFile: Options = {
  platform: 'browser',
  target: 'es2022',
  noExternal: ['xstate'],
  minify: true,
  sourcemap: true,
  banner: { js: papers },
};

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      inspect: 'src/inspect/index.ts',
      control: 'src/inspect/control.ts',
      'control-off': 'src/inspect/control-off.ts',
      machines: 'machines/index.ts',
      testing: 'src/testing/index.ts',
    },
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts,
    // Chunks are named by their content: without this, those of older builds would be packed, too. The files of the build below, which runs at the
    // same time, have one name for ever and stay.
    clean: ['!index.global.*', '!standalone.*'],
    splitting: true,
    treeshake: true,
    sourcemap: true,
  },
  // For a page without a bundler: everything in one file, xstate included, under `window.Holdfast` for <script>, and for <script type="module">.
  { ...inOneFile, entry: { index: 'src/index.ts' }, format: 'iife', globalName: 'Holdfast' },
  { ...inOneFile, entry: { standalone: 'src/index.ts' }, format: 'esm' },
]);
