import { defineConfig } from 'tsup';

/** TypeScript 6 deprecates options that tsup still sets while it emits declarations. */
const dts = { compilerOptions: { ignoreDeprecations: '6.0' } };

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
    // Chunks are named by their content: without this, those of older builds would be packed, too. The file of the build below, which runs at the
    // same time, has one name for ever and stays.
    clean: ['!index.global.*'],
    splitting: true,
    treeshake: true,
    sourcemap: true,
  },
  {
    // For <script>: everything in one file, xstate included, under `window.Holdfast`.
    entry: { index: 'src/index.ts' },
    format: 'iife',
    globalName: 'Holdfast',
    platform: 'browser',
    target: 'es2022',
    noExternal: ['xstate'],
    minify: true,
    sourcemap: true,
  },
]);
