/// <reference types="vite/client" />

declare module 'virtual:ahead' {
  /** Made by plugins/ahead.ts when the page is built. */
  export const ahead: import('../plugins/ahead').Ahead;
}
