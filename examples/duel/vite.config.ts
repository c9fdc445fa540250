import { defineConfig } from 'vite';

/** The relay that `npm start` runs. `npm run dev` serves the page and proxies Socket.IO to it. */
const RELAY = process.env.DUEL_RELAY ?? 'http://localhost:3000';

export default defineConfig({
  // Relative, so that the built page works under any path.
  base: './',
  build: { outDir: 'dist', target: 'es2022', sourcemap: true },
  // Serves the visualizer from the same origin, because it receives nothing from pages of another origin.
  server: { proxy: { '/socket.io': { target: RELAY, ws: true }, '/visualizer': RELAY } },
});
