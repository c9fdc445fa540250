import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  // The sources stand in for the built library, so that the page follows an edit of the chart at once.
  resolve: { tsconfigPaths: true },
  build: { outDir: 'dist', target: 'es2022', sourcemap: true },
});
