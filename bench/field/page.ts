/** Runs in the page: one of the libraries, sixty messages a second, and the received messages. */

import {
  type Arrival,
  decodeMessage,
  encodeMessage,
  reportTraffic,
  type TrafficReport,
} from '../../tests/support/traffic';
import { bare } from './bare';
import { holdfastDefault, holdfastRollback } from './holdfast';
import { peerjs } from './peerjs';
import { simplePeer } from './simple-peer';
import type { Party, Subject } from './subject';

declare global {
  interface Window {
    field: typeof field;
  }
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'holdfast-rollback': holdfastRollback,
  'holdfast-default': holdfastDefault,
  bare,
  peerjs,
  'simple-peer': simplePeer,
};
const HZ = 60;
const MESSAGE_BYTES = 32;

const arrivals: Arrival[] = [];
/** When the game was notified of trouble, in ms of the wall clock. */
const troubles: number[] = [];

const field = {
  /** @returns when it began to join, in ms of the wall clock. */
  async start(name: string, party: Party): Promise<number> {
    const beganAtMs = Date.now();
    const send = await SUBJECTS[name]?.(party, {
      receive: (data) => {
        const message = decodeMessage(data);
        if (message) arrivals.push({ ...message, receivedAtMs: Date.now() });
      },
      troubled: () => void troubles.push(Date.now()),
    });
    if (!send) throw new Error(`unknown library: ${name}`);
    let seq = 0;
    setInterval(() => {
      try {
        send(encodeMessage(seq, Date.now(), MESSAGE_BYTES));
      } catch {
        // Some libraries throw if they cannot send.
      }
      seq += 1;
    }, 1000 / HZ);
    return beganAtMs;
  },
  /** How long after `sinceMs` a message sent since then arrived; null if none did. */
  freshAfter(sinceMs: number): number | null {
    const fresh = arrivals.find(({ sentAtMs }) => sentAtMs >= sinceMs);
    return fresh ? fresh.receivedAtMs - sinceMs : null;
  },
  traffic: (sinceMs: number): TrafficReport =>
    reportTraffic(arrivals.filter(({ receivedAtMs }) => receivedAtMs >= sinceMs)),
  /** How long after `sinceMs` the game was first notified of trouble; null if it was not. */
  toldAfter(sinceMs: number): number | null {
    const toldAtMs = troubles.find((atMs) => atMs >= sinceMs);
    return toldAtMs === undefined ? null : toldAtMs - sinceMs;
  },
};

window.field = field;
