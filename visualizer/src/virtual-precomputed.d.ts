/// <reference types="vite/client" />

declare module 'virtual:precomputed' {
  /** Computed by plugins/precomputed.ts when the page is built. */
  export const precomputed: import('../plugins/precomputed').Precomputed;
}
