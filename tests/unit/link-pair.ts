import { createFakeWorld, type FakeEnd, type FakeWorld } from 'holdfast/testing';
import { onTestFinished, vi } from 'vitest';
import type { ConnectionEvent } from '../../machines';
import { Link, type LinkListener, type LinkOptions } from '../../src/peer/link';
import { parseSignal, type SignalError } from '../../src/signaling/wire';
import { overhearControl } from '../support/overhear-control';

/** An upstream peer's descriptions have no `holdfast` member. */
export const UPSTREAM = { capabilities: null };

export interface Sent {
  type: string;
  payload: Record<string, unknown>;
}

/** A fact is recorded by its type. */
type ToldName = Exclude<keyof LinkListener, 'fact'> | ConnectionEvent['type'];

/** One end of a pair: its link, and everything that it reported to its owner, sent to the other end, and logged. */
export interface LinkEnd {
  readonly link: Link;
  readonly pc: RTCPeerConnection;
  readonly told: [name: ToldName, ...details: unknown[]][];
  readonly sent: Sent[];
  /** Frames on the control channel, in order. */
  readonly frames: string[];
  /** Reasons why it refused a signal, or the browser rejected one. */
  readonly refusals: string[];
}

export interface LinkPair {
  readonly world: FakeWorld;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  /** Signals for which this returns true are lost on the way. */
  lose: (from: 'a' | 'b', sent: Sent) => boolean;
}

interface PairOptions {
  profile?: 'chromium' | 'firefox';
  /** Which browser the ends take themselves for. */
  browser?: LinkOptions['browser'];
  /** What both ends announce; an upstream pair announces nothing. */
  capabilities?: readonly string[] | null;
  channel?: LinkOptions['channel'];
  configuration?: RTCConfiguration;
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
export const namesOf = ({ told }: LinkEnd) => told.map(([name]) => name);
export const typesOf = ({ sent }: LinkEnd) => sent.map(({ type }) => type);
export const countOf = ({ told }: LinkEnd, name: ToldName) => told.filter(([each]) => each === name).length;

/** The reason why a signal was refused. */
export const reasonOf = (error: unknown) =>
  String(Reflect.get(Object(error), 'reason')) as SignalError['reason'];

/** Two links between the pages of a fake world, on fake timers; `a` offers, `b` is the polite end. */
export function createLinkPair({
  profile = 'chromium',
  browser = profile,
  capabilities = ['heartbeat'],
  channel = { label: 'game', ordered: false, maxRetransmits: 0 },
  configuration = {},
}: PairOptions = {}): LinkPair {
  vi.useFakeTimers();
  const world = createFakeWorld({ profile });
  const create = (end: FakeEnd, other: () => LinkEnd, name: 'a' | 'b'): LinkEnd => {
    const [told, sent, frames, refusals]: [LinkEnd['told'], Sent[], string[], string[]] = [[], [], [], []];
    const tell =
      (each: ToldName) =>
      (...details: unknown[]) =>
        void told.push([each, ...details]);
    const note = (...line: unknown[]) => {
      for (const part of line) if (part instanceof Error) refusals.push(reasonOf(part));
    };
    const logger = { debug: note, info() {}, warn: note, error: note };
    const link = new Link(
      {
        number: 1,
        role: name === 'a' ? 'offerer' : 'answerer',
        configuration,
        channel,
        createPeerConnection: (wanted) =>
          overhearControl(end.environment.createPeerConnection(wanted), (frame) => frames.push(frame)),
        member: () => ({ version: 1, session: name, connection: 1, capabilities: capabilities ?? [] }),
        send: async (type, given) => {
          const { holdfast, ...upstream } = Object(given);
          const payload: Record<string, unknown> = structuredClone(
            capabilities ? { ...upstream, ...(holdfast && { holdfast }) } : upstream,
          );
          sent.push({ type, payload });
          if (!pair.lose(name, { type, payload })) queueMicrotask(() => carry(end, other(), type, payload));
          return 'relayed';
        },
        now: end.environment.now,
        browser,
        logger,
      },
      {
        fact: ({ type }) => void told.push([type]),
        message: tell('message'),
        up: tell('up'),
        gathered: tell('gathered'),
        negotiated: tell('negotiated'),
        offerArrived: tell('offerArrived'),
        answerRefused: tell('answerRefused'),
        moved: tell('moved'),
        bye: tell('bye'),
        serverFailed: tell('serverFailed'),
        turnRefused: tell('turnRefused'),
      },
    );
    return { link, pc: link.pc, told, sent, frames, refusals };
  };
  const carry = (from: FakeEnd, to: LinkEnd, type: string, payload: unknown) => {
    try {
      give(to, { type, from: from.playerId, payload });
    } catch (error) {
      to.refusals.push(reasonOf(error));
    }
  };
  const pair: LinkPair = {
    world,
    a: create(world.a, () => pair.b, 'a'),
    b: create(world.b, () => pair.a, 'b'),
    lose: () => false,
  };
  onTestFinished(() => {
    pair.a.link.close();
    pair.b.link.close();
    world.dispose();
    vi.useRealTimers();
  });
  return pair;
}

/** Hands a signal to a link, as its owner does. @throws SignalError as the link does. */
export function give(
  { link }: LinkEnd,
  { type, from = 1, payload }: { type: string; from?: string | number; payload: unknown },
): void {
  const signal = parseSignal(
    { type, from_player_id: from, payload },
    { gameId: 'game', me: 'me', target: null },
  );
  if (signal.type === 'offer') link.negotiation.takeOffer(signal);
  else if (signal.type === 'answer') link.negotiation.takeAnswer(signal);
  else if (signal.type === 'ice-candidate') link.negotiation.takeCandidate(signal);
}

/** Up on both ends; what was reported, sent and refused until then is cleared. */
export async function connectLinks(options: PairOptions = {}): Promise<LinkPair> {
  const pair = createLinkPair(options);
  pair.a.link.offer();
  await pass(500);
  if (!pair.a.link.isUp || !pair.b.link.isUp) throw new Error('not connected');
  for (const { told, sent, frames, refusals } of [pair.a, pair.b])
    for (const list of [told, sent, frames, refusals]) list.length = 0;
  return pair;
}

export const ufragOf = (description: { sdp?: string } | null) =>
  /^a=ice-ufrag:(\S+)/m.exec(description?.sdp ?? '')?.[1];
