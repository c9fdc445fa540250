import type { ConnectionState } from '../../../machines';

/** What happened to one player's manager, in order. `ask`: its game asked for a restart; `answer`: what that returned. */
export type Note = { atMs: number } & (
  | { name: 'open' | 'lost' | 'restored' | 'close' | 'failed' | 'closed' | 'close()' }
  | { name: 'ask'; number: number }
  | { name: 'answer'; number: number; isAccepted: boolean }
  | { name: 'state'; from: ConnectionState; to: ConnectionState }
  | { name: 'attempts'; from: number; to: number; max: number; on: string; isStable: boolean }
);

/** A note without its time. */
export type Happening = Note extends infer Each ? (Each extends Note ? Omit<Each, 'atMs'> : never) : never;
