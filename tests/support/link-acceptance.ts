import { afterEach, describe, expect, it } from 'vitest';

export type AcceptedBrowser = 'chromium' | 'firefox';

/** What a page can tell of one bare connection, without any library around it. */
interface LinkStates {
  ice: string;
  connection: string;
  signaling: string;
  channel: string;
}

/** Two bare connections with one unreliable channel between them, in a real browser or a fake one. `0` offered. */
export interface LinkPair {
  /** Waits until both channels are open. */
  opened(): Promise<void>;
  states(end: 0 | 1): Promise<LinkStates>;
  /** The `iceConnectionState`s that were shown so far, in order. */
  history(end: 0 | 1): Promise<string[]>;
  /** Moves the time; a real pair waits. */
  pass(ms: number): Promise<void>;
  cut(): Promise<void>;
  heal(): Promise<void>;
  /** An ICE restart by the offerer, whose signals are carried at once, or lost. */
  restart(options: { isSignaled: boolean }): Promise<void>;
  closeRemote(): Promise<void>;
  /** Sends text from the offerer. @returns what arrived at the other end so far. */
  send(text: string): Promise<void>;
  received(): Promise<string[]>;
  dispose(): Promise<void>;
}

export interface LinkPairOptions {
  iceTransportPolicy?: RTCIceTransportPolicy;
  /** False: neither end is handed a candidate. */
  areCandidatesSignaled?: boolean;
  /** True: the network is dead from the beginning. */
  isCut?: boolean;
}

export type CreateLinkPair = (options?: LinkPairOptions) => Promise<LinkPair>;

/** Where the two browsers differ; ms, with room for the spread that was measured. */
const MEASURED = {
  chromium: { disconnected: [5_000, 8_000], failed: [15_000, 18_000], ice: 'disconnected', survives: true },
  firefox: { disconnected: [4_700, 10_600], failed: [25_900, 31_000], ice: 'failed', survives: false },
} as const;

const FIRST_CONNECT_FAILS_MS = { chromium: 15_000, firefox: 11_000 } as const;
const RESTART_FAILS_MS = { chromium: 15_000, firefox: 11_000 } as const;
const SLACK_MS = 1_500;

/** The rows of the browsers' table (docs/discoveries) that recovery rests on. A fake browser passes them, and so does the real one. */
export function describeLink(name: string, browser: AcceptedBrowser, createPair: CreateLinkPair): void {
  describe(`a bare link in ${name}`, () => {
    const pairs: LinkPair[] = [];
    const measured = MEASURED[browser];

    const create = async (options?: LinkPairOptions) => {
      const pair = await createPair(options);
      pairs.push(pair);
      return pair;
    };
    const createOpen = async () => {
      const pair = await create();
      await pair.opened();
      return pair;
    };
    afterEach(async () => {
      for (const pair of pairs.splice(0)) await pair.dispose();
    });

    it('connects, and carries data', async () => {
      const pair = await createOpen();
      const up = { ice: 'connected', connection: 'connected', signaling: 'stable', channel: 'open' };
      expect(await pair.states(1)).toEqual(up);
      await pair.send('hello');
      await pair.pass(200);
      expect(await pair.received()).toEqual(['hello']);
    });

    it('shows no event in an outage of three seconds', async () => {
      const pair = await createOpen();
      const before = await pair.history(0);
      await pair.cut();
      await pair.pass(3_000);
      await pair.heal();
      await pair.pass(3_000);
      expect(await pair.history(0)).toEqual(before);
    });

    it('says disconnected in the measured time after a silent cut', async () => {
      const pair = await createOpen();
      await pair.cut();
      await pair.pass(measured.disconnected[0] - SLACK_MS);
      expect((await pair.states(0)).ice).toBe('connected');
      await pair.pass(measured.disconnected[1] - measured.disconnected[0] + SLACK_MS);
      for (const end of [0, 1] as const) expect((await pair.states(end)).ice).toBe('disconnected');
    });

    it('says failed in the measured time, in its own words, and keeps the channel or ends it', async () => {
      const pair = await createOpen();
      await pair.cut();
      await pair.pass(measured.failed[0] - SLACK_MS);
      expect((await pair.states(0)).connection).toBe('disconnected');
      await pair.pass(measured.failed[1] - measured.failed[0] + SLACK_MS);
      expect(await pair.states(0)).toMatchObject({
        ice: measured.ice,
        connection: 'failed',
        channel: measured.survives ? 'open' : 'closed',
      });
    });

    it('heals by itself before it says failed', async () => {
      const pair = await createOpen();
      await pair.cut();
      await pair.pass(12_000);
      await pair.heal();
      await pair.pass(3_000);
      expect(await pair.states(0)).toMatchObject({
        ice: 'connected',
        connection: 'connected',
        channel: 'open',
      });
      await pair.send('again');
      await pair.pass(1_000);
      expect(await pair.received()).toContain('again');
    });

    it('is brought back from failed by a restart, with its channel where that survived', async () => {
      const pair = await createOpen();
      await pair.cut();
      await pair.pass(40_000);
      expect((await pair.states(0)).connection).toBe('failed');
      await pair.heal();
      await pair.restart({ isSignaled: true });
      await pair.pass(2_000);
      expect(await pair.states(0)).toMatchObject({ ice: 'connected', connection: 'connected' });
      expect((await pair.states(0)).channel).toBe(measured.survives ? 'open' : 'closed');
    });

    it('stays connected through a restart of a live link', async () => {
      const pair = await createOpen();
      const before = await pair.history(0);
      await pair.restart({ isSignaled: true });
      await pair.send('meanwhile');
      await pair.pass(2_000);
      expect((await pair.states(0)).ice).toBe('connected');
      expect(await pair.received()).toContain('meanwhile');
      expect((await pair.history(0)).slice(before.length)).not.toContain('disconnected');
    });

    it('says failed in the measured time after a restart into the dead network', async () => {
      const pair = await createOpen();
      await pair.cut();
      await pair.pass(measured.disconnected[1]);
      await pair.restart({ isSignaled: true });
      await pair.pass(RESTART_FAILS_MS[browser] - SLACK_MS);
      expect((await pair.states(0)).connection).not.toBe('failed');
      await pair.pass(2 * SLACK_MS);
      expect((await pair.states(0)).connection).toBe('failed');
    });

    it('gives a first connect into a black hole up in the measured time', async () => {
      const pair = await create({ isCut: true });
      await pair.pass(FIRST_CONNECT_FAILS_MS[browser] - SLACK_MS);
      expect((await pair.states(0)).connection).toBe('connecting');
      await pair.pass(2 * SLACK_MS);
      expect(await pair.states(0)).toMatchObject({
        ice: measured.ice,
        connection: 'failed',
        channel: 'connecting',
      });
    });

    it('gives up without a candidate of the peer, or never', async () => {
      const pair = await create({ areCandidatesSignaled: false });
      await pair.pass(20_000);
      expect((await pair.states(0)).ice).toBe(browser === 'chromium' ? 'new' : 'failed');
    });

    it('stays where it is with relays only and no TURN server', async () => {
      const pair = await create({ iceTransportPolicy: 'relay' });
      await pair.pass(2_000);
      expect((await pair.states(0)).channel).toBe('connecting');
    });

    it('closes the channel at once when the other end closes the connection', async () => {
      const pair = await createOpen();
      await pair.closeRemote();
      await pair.pass(300);
      expect((await pair.states(0)).channel).toBe('closed');
    });
  });
}
