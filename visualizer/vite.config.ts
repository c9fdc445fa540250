import { defineConfig } from 'vite';
import { inlinePlugin } from './plugins/inline-plugin.ts';
import { precomputedPlugin } from './plugins/precomputed-plugin.ts';

export default defineConfig({
  base: './',
  // Uses the sources of the library instead of its build, so that the page follows an edit of the chart at once.
  resolve: { tsconfigPaths: true },
  plugins: [precomputedPlugin(), inlinePlugin()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    // The oldest supported browsers: media query ranges are converted to syntax that they know.
    cssTarget: ['chrome92', 'firefox90', 'safari15.4'],
    assetsInlineLimit: 0,
    modulePreload: false,
    // The script is emitted next to the page, because it is inlined there.
    rolldownOptions: { output: { codeSplitting: false, entryFileNames: '[name]-[hash].js' } },
  },
});
