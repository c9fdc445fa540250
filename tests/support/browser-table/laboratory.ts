import type { BareEnd, Description, EndOptions, Look } from './bare-end';

export type AcceptedBrowser = 'chromium' | 'firefox';
/** `0` offers first. */
export type EndIndex = 0 | 1;

export const ENDS = [0, 1] as const;

export interface PairOptions extends EndOptions {
  /** Both ends get a TURN server; a working one works whatever happens to the direct path. */
  readonly turn?: 'works' | 'refuses';
  /** The second end has a tab of its own, for {@link Pair.leave}. */
  readonly isApart?: boolean;
}

/** Two bare connections, real or fake, with a network between them that can be broken, and only the story's own signaling. */
export interface Pair {
  do<K extends keyof BareEnd>(
    end: EndIndex,
    name: K,
    ...args: Parameters<BareEnd[K]>
  ): Promise<Awaited<ReturnType<BareEnd[K]>>>;
  /** Rewrites a description of that end for its way through this network. */
  carry(from: EndIndex, description: Description): Promise<Description>;
  /** Loses every packet of the direct path, or those of one end. */
  cut(from?: EndIndex): void;
  heal(): void;
  /** The delay of one way. */
  setDelay(delayMs: number): void;
  /** The second end's page is gone: closed as a user closes a tab, or navigated to another page. */
  leave(how: 'close the tab' | 'navigate'): Promise<void>;
  /** Lets this much time pass, such as the length of an outage. */
  pass(ms: number): Promise<void>;
  /** The time between two looks. */
  tick(): Promise<void>;
  nowMs(): number;
  dispose(): Promise<void>;
}

/** Where the table is tested: a fake browser under a fake clock, or a real one behind a real, bad network. */
export interface Laboratory {
  readonly browser: AcceptedBrowser;
  readonly isReal: boolean;
  open(options?: PairOptions): Promise<Pair>;
  close(): Promise<void>;
}

const PATIENCE_MS = 45_000;

/** Reads repeatedly until it is so. @returns what was read. */
export async function readUntil<T>(
  pair: Pair,
  read: () => Promise<T>,
  isSo: (seen: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadlineMs = pair.nowMs() + patienceMs;
  for (;;) {
    const seen = await read();
    if (isSo(seen)) return seen;
    if (pair.nowMs() > deadlineMs)
      throw new Error(`not so within ${patienceMs} ms; last seen: ${JSON.stringify(seen)}`);
    await pair.tick();
  }
}

/** Looks at an end repeatedly until it is so. @returns the look. */
export const until = (pair: Pair, end: EndIndex, isSo: (look: Look) => boolean, patienceMs?: number) =>
  readUntil(pair, () => pair.do(end, 'look'), isSo, patienceMs);

/** Waits until it is so at both ends. */
export const untilBoth = (pair: Pair, isSo: (look: Look) => boolean, patienceMs?: number) =>
  Promise.all(ENDS.map((end) => until(pair, end, isSo, patienceMs)));

export const isOpen =
  (label = 'game') =>
  ({ channels }: Look) =>
    channels[label] === 'open';

const otherOf = (end: EndIndex): EndIndex => (end === 0 ? 1 : 0);

const withoutCandidates = ({ type, sdp }: Description): Description => ({
  type,
  sdp: sdp.replace(/a=(candidate:|end-of-candidates).*\r\n/g, ''),
});

export interface NegotiationOptions {
  readonly from?: EndIndex;
  readonly isRestart?: boolean;
  readonly withCandidates?: boolean;
}

/** An offer and its answer, delivered at once. */
export async function negotiate(
  pair: Pair,
  { from = 0, isRestart = false, withCandidates = true }: NegotiationOptions = {},
): Promise<void> {
  const carry = async (end: EndIndex, description: Description) => {
    const carried = await pair.carry(end, description);
    return withCandidates ? carried : withoutCandidates(carried);
  };
  const offer = await carry(from, await pair.do(from, 'offer', isRestart));
  const answer = await carry(otherOf(from), await pair.do(otherOf(from), 'answer', offer));
  await pair.do(from, 'accept', answer);
}
