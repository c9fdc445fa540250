import { createFakeWorld, type FakeEnd, type FakeWorld, type ProfileName } from 'holdfast/testing';
import { onTestFinished, vi } from 'vitest';
import { getInitialSnapshot } from 'xstate';
import { type ConnectionEvent, createConnectionMachine, type Evidence, PRESETS } from '../../machines';
import { updateEvidence } from '../../machines/connection.context';
import { Links, type LinksOptions } from '../../src/peer/links';
import type { Delivery } from '../../src/signaling/transport';
import { parseSignal, type Signal } from '../../src/signaling/wire';
import { reasonOf, type Sent } from './link-pair';

/** One end of a pair: its connections, and everything that they reported to the machine, sent, and refused. */
export interface LinksEnd {
  readonly links: Links;
  readonly pcs: readonly RTCPeerConnection[];
  readonly facts: ConnectionEvent[];
  readonly messages: unknown[];
  readonly sent: Sent[];
  readonly refusals: string[];
  readonly infos: string[];
  readonly warnings: string[];
  /** Its ICE servers from now on. */
  servers: LinksOptions['iceServers'];
  /** Its browser from now on. */
  createPeerConnection: LinksOptions['createPeerConnection'];
  /** What happens to its signals from now on. */
  delivery: Delivery;
  /** Resolves once it is known what happened to an offer. */
  sayDelivery: () => Promise<Delivery>;
}

export interface LinksPair {
  readonly world: FakeWorld;
  /** The offerer. */
  readonly a: LinksEnd;
  readonly b: LinksEnd;
  /** Signals for which this returns true are lost on the way. */
  lose: (from: 'a' | 'b', sent: Sent) => boolean;
}

export interface LinksPairOptions {
  profile?: ProfileName;
  isUpstream?: boolean;
  forceRelay?: boolean;
}

export const TURN: RTCIceServer = { urls: 'turn:relay.example', username: 'name', credential: 'secret' };
export const STUN: RTCIceServer = { urls: ['stun:stun.example'] };

/** What a machine starts with. */
const NOTHING_KNOWN: Evidence = getInitialSnapshot(createConnectionMachine(), {
  timings: PRESETS.default,
  browser: 'other',
  relayOnly: false,
}).context.evidence;

export const configOf = (pc: RTCPeerConnection | undefined) => pc?.getConfiguration();
export const loseAll = () => true;
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
export const typesOf = ({ sent }: LinksEnd) =>
  sent.map(({ type }) => type).filter((type) => type !== 'ice-candidate');
export const factsOf = ({ facts }: LinksEnd) => facts.map(({ type }) => type);
export const learnedOf = ({ facts }: LinksEnd) =>
  facts.flatMap((fact) => (fact.type === 'peer.learned' ? [fact.evidence] : []));
export const openOf = ({ pcs }: LinksEnd) => pcs.filter(({ signalingState }) => signalingState !== 'closed');
export const memberOf = ({ payload }: Sent) => Object(payload.holdfast);
export const forget = (...ends: LinksEnd[]) => {
  for (const { facts, messages, sent, refusals } of ends)
    for (const list of [facts, messages, sent, refusals]) list.length = 0;
};

export const read = (type: string, from: string | number, payload: unknown): Signal =>
  parseSignal({ type, from_player_id: from, payload }, { gameId: 'game', me: 'me', target: null });

/** As the controller does it, except that the machine accepts every offer at once. @throws SignalError for what is refused. */
export function take({ links }: LinksEnd, signal: Signal): string | undefined {
  if (signal.type === 'ice-candidate') return void links.takeCandidate(signal);
  if (signal.type === 'answer' && !links.peer.isRejoinAnswer(signal)) return void links.takeAnswer(signal);
  if (signal.type === 'bye' || (signal.type === 'hello' && !links.peer.acceptsHello(signal)))
    return undefined;
  const type = links.peer.classify(signal);
  links.takeOffer(signal);
  return type;
}

function createEnd(
  end: FakeEnd,
  role: 'offerer' | 'answerer',
  { isUpstream = false, forceRelay = false }: LinksPairOptions,
  carry: (sent: Sent) => void,
): LinksEnd {
  let evidence = NOTHING_KNOWN;
  const lists = { facts: [], messages: [], sent: [], refusals: [], infos: [], warnings: [] };
  const made: LinksEnd = {
    ...(lists as Pick<LinksEnd, 'facts' | 'messages' | 'sent' | 'refusals' | 'infos' | 'warnings'>),
    pcs: end.peerConnections,
    servers: () => [],
    createPeerConnection: end.environment.createPeerConnection,
    delivery: 'relayed',
    sayDelivery: async () => made.delivery,
    links: new Links(
      {
        role,
        session: `of the ${role}`,
        channel: { label: 'game', ordered: false, maxRetransmits: 0 },
        forceRelay,
        createPeerConnection: (configuration) => made.createPeerConnection(configuration),
        iceServers: () => made.servers(),
        providerTimeoutMs: 10_000,
        send: async (type, given) => {
          const { holdfast, ...upstream } = Object(given);
          const payload = structuredClone(
            isUpstream ? upstream : { ...upstream, ...(holdfast && { holdfast }) },
          );
          made.sent.push({ type, payload });
          if (made.delivery !== 'refused') carry({ type, payload });
          return type === 'offer' ? made.sayDelivery() : made.delivery;
        },
        now: end.environment.now,
        browser: end.environment.browser,
        evidence: () => evidence,
        logger: {
          debug: (...line) => {
            for (const part of line) if (part instanceof Error) made.refusals.push(reasonOf(part));
          },
          info: (...line) => void made.infos.push(line.map(String).join(' ')),
          warn: (...line) => void made.warnings.push(line.map(String).join(' ')),
          error() {},
        },
      },
      {
        fact: (fact) => {
          made.facts.push(fact);
          evidence = updateEvidence(evidence, fact);
        },
        message: (data) => made.messages.push(data),
      },
    ),
  };
  return made;
}

/** The connections of two pages of a fake world, on fake timers. */
export function createLinksPair(options: LinksPairOptions = {}): LinksPair {
  vi.useFakeTimers();
  const world = createFakeWorld({ profile: options.profile ?? 'chromium' });
  const carryFrom = (name: 'a' | 'b') => (sent: Sent) => {
    const to = name === 'a' ? pair.b : pair.a;
    if (pair.lose(name, sent)) return;
    queueMicrotask(() => {
      // Upstream has neither message.
      if (options.isUpstream && (sent.type === 'hello' || sent.type === 'bye')) return;
      try {
        take(to, read(sent.type, name, sent.payload));
      } catch (error) {
        to.refusals.push(reasonOf(error));
      }
    });
  };
  const pair: LinksPair = {
    world,
    a: createEnd(world.a, 'offerer', options, carryFrom('a')),
    b: createEnd(world.b, 'answerer', options, carryFrom('b')),
    lose: () => false,
  };
  onTestFinished(() => {
    pair.a.links.close();
    pair.b.links.close();
    world.dispose();
    vi.useRealTimers();
  });
  return pair;
}

/** Up on both ends, with the losers closed; what was reported, sent and refused until then is cleared. */
export async function connectPair(
  options: LinksPairOptions = {},
  servers: readonly RTCIceServer[] = [],
): Promise<LinksPair> {
  const pair = createLinksPair(options);
  for (const end of [pair.a, pair.b]) {
    end.servers = () => [...servers];
    end.links.connect();
  }
  await pass(500);
  if (!pair.a.links.current?.isUp || !pair.b.links.current?.isUp) throw new Error('not connected');
  forget(pair.a, pair.b);
  return pair;
}

/** A heartbeat on both ends, as the machine runs it. */
export async function beat({ a, b }: LinksPair, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 200) {
    a.links.probe();
    b.links.probe();
    await pass(200);
  }
}

/** The connections that an end offered, in order. */
export const numbersOf = ({ sent }: LinksEnd) =>
  sent.filter(({ type }) => type === 'offer').map((each) => memberOf(each).connection);

/** For `lose`: only offers. */
export const isOffer = (_: string, { type }: Sent) => type === 'offer';

/** Why a signal was refused; undefined if it was accepted. */
export const reasonIn = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return Reflect.get(Object(error), 'reason');
  }
  return undefined;
};
