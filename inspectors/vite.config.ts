import { defineConfig } from 'vite';

const pages = ['index', 'stately/index', 'stately/viewer', 'classic/index', 'classic/viewer'];

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The sources stand in for the built library, so that a page never shows a stale one.
  resolve: { tsconfigPaths: true },
  build: {
    outDir: 'dist',
    target: 'es2022',
    sourcemap: true,
    rollupOptions: { input: pages.map((page) => `${import.meta.dirname}/${page}.html`) },
  },
});
