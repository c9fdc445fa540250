import { defineConfig } from 'vite';

const pages = ['index', 'stately/index', 'stately/viewer', 'classic/index', 'classic/viewer'];

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // Uses the sources of the library instead of its build, which could be out of date.
  resolve: { tsconfigPaths: true },
  build: {
    outDir: 'dist',
    target: 'es2022',
    sourcemap: true,
    rollupOptions: { input: pages.map((page) => `${import.meta.dirname}/${page}.html`) },
  },
});
