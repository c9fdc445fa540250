import { defineConfig } from 'vite';
import { aheadPlugin } from './plugins/ahead-plugin.ts';
import { inlinePlugin } from './plugins/inline-plugin.ts';

export default defineConfig({
  base: './',
  // The sources stand in for the built library, so that the page follows an edit of the chart at once.
  resolve: { tsconfigPaths: true },
  plugins: [aheadPlugin(), inlinePlugin()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    // The oldest that the page takes: ranges in media queries are told in words that they know.
    cssTarget: ['chrome92', 'firefox90', 'safari15.4'],
    assetsInlineLimit: 0,
    modulePreload: false,
    // The script lies where the page lies, since that is where it is put.
    rolldownOptions: { output: { codeSplitting: false, entryFileNames: '[name]-[hash].js' } },
  },
});
