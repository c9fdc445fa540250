import { WebRTCManager } from 'holdfast';
import { createFakeWorld, type FakeEnd, type FakeWorld } from 'holdfast/testing';
import { expect } from 'vitest';
import { SignalError } from '../../src/signaling/wire';
import { CALLBACKS, libraryTimers, pass } from '../contract/players';
import type { Material } from './forge';
import { SECRET } from './forgeries';

const ufragOf = ({ remoteDescription }: RTCPeerConnection) =>
  /^a=ice-ufrag:(\S+)/m.exec(remoteDescription?.sdp ?? '')?.[1];

/** The situations in which a link is attacked. */
export const SITUATIONS = [
  'new',
  'checking',
  'connected',
  'disconnected',
  'restarting',
  'failed',
  'left',
] as const;
export type Situation = (typeof SITUATIONS)[number];

export interface Hostile {
  readonly world: FakeWorld;
  readonly victim: WebRTCManager;
  readonly attacker: WebRTCManager;
  readonly end: FakeEnd;
  readonly other: FakeEnd;
  /** What the victim logged, and the callbacks that its game got. */
  readonly lines: { level: string; line: unknown[] }[];
  readonly heard: unknown[][];
  /** What a refused signal must not change, as JSON. */
  image(): string;
  material(): Material;
  /** Signals that the victim has sent. */
  sent(): number;
  /** Timers of the two managers. */
  timers(): number;
  dispose(): void;
}

export interface WorldPlan {
  situation: Situation;
  profile: 'chromium' | 'firefox';
  /** Whether the victim has the lower id, and so offers first. */
  isOfferer: boolean;
  seed: number;
}

/** The SDP of an attacker that has sent nothing yet. */
const CANNED_SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:canned',
  'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa',
  `a=fingerprint:sha-256 ${Array<string>(32).fill('AA').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  '',
].join('\r\n');

/** So that *failed* comes within seconds. */
const TIMINGS = { recoveryBudgetMs: 3_000, disconnectTimeoutMs: 3_000, connectTimeoutMs: 5_000 };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Two managers in a fake world, one of which is about to be attacked. Needs fake timers. */
export async function startHostileWorld(plan: WorldPlan): Promise<Hostile> {
  const { situation, profile, isOfferer, seed } = plan;
  const world = createFakeWorld({ profile, seed });
  const [end, other] = isOfferer ? [world.a, world.b] : [world.b, world.a];
  const lines: Hostile['lines'] = [];
  const at =
    (level: string) =>
    (...line: unknown[]) =>
      void lines.push({ level, line });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  let machine: unknown;
  const victim = new WebRTCManager(end.socket, world.gameId, end.playerId, {
    ...TIMINGS,
    environment: end.environment,
    logger,
    turnUsername: SECRET,
    turnCredential: SECRET,
    inspect: (event) => {
      if (event.type !== '@xstate.snapshot' || event.actorRef.sessionId !== event.rootId) return;
      const { value, context } = { value: null, context: null, ...event.snapshot };
      machine = { value, context };
    },
  });
  const attacker = new WebRTCManager(other.socket, world.gameId, other.playerId, {
    ...TIMINGS,
    environment: other.environment,
    logger: 'silent',
  });
  const heard: unknown[][] = [];
  for (const name of CALLBACKS) victim[name] = (...payload: unknown[]) => void heard.push([name, ...payload]);

  const hostile: Hostile = {
    world,
    victim,
    attacker,
    end,
    other,
    lines,
    heard,
    image: () =>
      JSON.stringify({
        machine,
        state: victim.state,
        target: victim.targetPeerId,
        attempts: victim.iceRestartAttempts,
        connections: end.peerConnections.map((pc) => [pc.signalingState, ufragOf(pc)]),
        sent: hostile.sent(),
        heard,
      }),
    material: () => materialOf(world, end, other),
    sent: () => world.relay.signals.filter(({ from }) => from === end.playerId).length,
    timers: () => libraryTimers(world),
    dispose() {
      victim.close();
      attacker.close();
      world.dispose();
    },
  };
  await bring(hostile, situation);
  return hostile;
}

function materialOf({ relay, gameId }: FakeWorld, end: FakeEnd, other: FakeEnd): Material {
  const payloads = relay.signals
    .filter(({ from }) => from === other.playerId)
    .map(({ message }) => message.payload)
    .filter(isRecord);
  const members = payloads.map(({ holdfast }) => holdfast).filter(isRecord);
  const sdps = payloads.map(({ sdp }) => sdp).filter((sdp) => typeof sdp === 'string');
  return {
    game: gameId,
    victim: end.playerId,
    attacker: other.playerId,
    session: String(members.at(-1)?.session ?? 'session-of-nobody'),
    connection: Number(members.at(-1)?.connection ?? 1),
    birth: Number(members.at(-1)?.birth ?? 1),
    sdp: sdps.at(-1) ?? CANNED_SDP,
  };
}

/** Brings the link into the situation in which it is attacked. */
async function bring({ world, victim, attacker, end, other }: Hostile, situation: Situation): Promise<void> {
  if (situation === 'new') return;
  void victim.connectToPeer(other.playerId);
  if (situation === 'checking') return void (await pass(100));
  void attacker.connectToPeer(end.playerId);
  await pass(500);
  if (situation === 'left') attacker.close();
  else if (situation !== 'connected') world.cutOff();
  const deadlineMs = Date.now() + 60_000;
  const wanted = situation === 'left' ? 'closed' : situation;
  while (victim.state !== wanted && Date.now() < deadlineMs) await pass(50);
  expect(victim.state).toBe(wanted);
}

export const openConnections = ({ peerConnections }: FakeEnd): number =>
  peerConnections.filter(({ signalingState }) => signalingState !== 'closed').length;

/** The reasons of the refusals; any other line, or a refusal without a type, is an error. */
export function refusalsOf(lines: Hostile['lines']): string[] {
  return lines.map(({ level, line }) => {
    const error = line.at(-1);
    expect([level, error instanceof SignalError]).toEqual(['debug', true]);
    return error instanceof SignalError ? error.reason : '';
  });
}

/** State changes are logged at info, refusals at debug with their type; nothing is logged as a warning or an error. */
export function expectTyped(lines: Hostile['lines']): void {
  const levels = new Set(lines.map(({ level }) => level));
  expect([...levels].filter((level) => level === 'warn' || level === 'error')).toEqual([]);
  refusalsOf(lines.filter(({ level, line }) => level !== 'info' && !String(line[0]).includes('not sent')));
}

/** Session descriptions, candidates, addresses (documentation ranges, as the fakes have them), and planted secrets. */
const FORBIDDEN = /v=0|a=ice|a=fingerprint|candidate:|\b192\.0\.2\.|\b198\.51\.100\.|secret/;

/** As a console would show it. */
const shown = (part: unknown) =>
  part instanceof Error ? `${part.name} ${part.message} ${String(part.cause)}` : JSON.stringify(part);

export function expectNoSecret(lines: Hostile['lines']): void {
  expect(lines.flatMap(({ line }) => line.map(shown)).join('\n')).not.toMatch(FORBIDDEN);
}
