import { defineConfig } from 'vite';

/** Where `npm start` puts the relay; `npm run dev` here serves the page and passes Socket.IO on to it. */
const RELAY = process.env.DUEL_RELAY ?? 'http://localhost:3000';

export default defineConfig({
  // Relative, so that the built page works below any path.
  base: './',
  build: { outDir: 'dist', target: 'es2022', sourcemap: true },
  // The visualizer on the same origin: elsewhere it would not hear this page.
  server: { proxy: { '/socket.io': { target: RELAY, ws: true }, '/visualizer': RELAY } },
});
