import { describe, expect, it, vi } from 'vitest';
import { budget, fc, report } from '../../tests/fuzz/budget';
import { catchRejections } from '../../tests/fuzz/rejections';
import { frame } from '../../tests/support/raw-web-socket';
import type { RateLimits } from '../src/rate-limit';
import { connectRaw } from './raw-client';
import { type Client, eventually, startPair, startWorld, type World } from './world';

vi.setConfig({ testTimeout: 3_600_000 });
const rejections = catchRejections();

/** So that nothing is refused only because of its rate. */
const ample = { perSecond: 1e9, burst: 1e9 };
const RATES: RateLimits = {
  game_data: ample,
  webrtc_signal: ample,
  inspect: ample,
  join_game: ample,
  reports: ample,
  other: ample,
  bytes: ample,
  refusals: ample,
};

const EVENTS = [
  'join_game',
  'webrtc_signal',
  'game_data',
  'p2p_connection_type',
  'p2p_health_report',
  'p2p_connection_lost',
  'p2p_reconnection_success',
  'p2p_episode_summary',
  'holdfast_watch',
  'holdfast_inspect',
] as const;
type EventName = (typeof EVENTS)[number];

const OWN = { game_id: 'own', player_id: 'attacker' };
const WELL_FORMED: Record<EventName, Record<string, unknown>> = {
  join_game: { ...OWN },
  webrtc_signal: { game_id: 'own', target_player_id: 'friend', type: 'offer', payload: { sdp: 'x' } },
  game_data: { game_id: 'own', data: { frame: 1 } },
  p2p_connection_type: { ...OWN, connection_type: 'direct', details: { protocol: 'udp' } },
  p2p_health_report: { ...OWN, connection_type: 'direct', latency_ms: 1, status: 'healthy', episode: 1 },
  p2p_connection_lost: { ...OWN, frame_number: 1, timestamp: 1 },
  p2p_reconnection_success: { ...OWN, duration_ms: 1 },
  p2p_episode_summary: { ...OWN, summary: { score: 1 } },
  holdfast_watch: { game_id: 'own' },
  holdfast_inspect: { game_id: 'own', message: { holdfast: 1, type: 'hello' } },
};

const SECRET = 'secret-credential-9f';
const json = fc.jsonValue({ maxDepth: 4 });
const text = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    `v=0\r\na=ice-pwd:${SECRET}`,
    '203.0.113.9',
    'x'.repeat(5_000),
  ),
  fc.string({ maxLength: 20, unit: 'binary' }),
);
const nested = fc
  .constantFrom(10, 100, 2_000)
  .map((depth): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth)));
const binary = fc.uint8Array({ maxLength: 64 }).map((bytes): unknown => Buffer.from(bytes));
const anything = fc.oneof(
  json,
  text,
  nested,
  binary,
  fc.double(),
  fc.constantFrom<unknown>(null, true, -1, 1e300),
);

/** Replaces or removes one member, at any depth. */
const mutation = fc.record({
  path: fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }),
  value: fc.option(anything, { nil: undefined }),
});

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mutated(
  message: Record<string, unknown>,
  { path, value }: { path: number[]; value: unknown },
): unknown {
  const copy = structuredClone(message);
  let members = copy;
  for (const [step, index] of path.entries()) {
    const keys = Object.keys(members);
    const key = keys[index % Math.max(1, keys.length)] ?? 'extra';
    const inner = members[key];
    if (step + 1 < path.length && isMembers(inner)) members = inner;
    else {
      if (value === undefined) delete members[key];
      else members[key] = value;
      break;
    }
  }
  return copy;
}

const message = fc.record({
  event: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...EVENTS) },
    text.filter((name) => name !== ''),
  ),
  whole: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, anything),
  mutation: fc.option(mutation, { nil: null, freq: 4 }),
  victim: fc.boolean(),
  more: fc.array(anything, { maxLength: 2 }),
});

/** Names that Socket.IO reserves; a client refuses to send them. */
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

const isKnown = (event: string): event is EventName => EVENTS.some((name) => name === event);

interface Drawn {
  event: string;
  whole?: unknown;
  mutation: { path: number[]; value: unknown } | null;
  victim: boolean;
}

function payloadOf({ event, whole, mutation: change, victim }: Drawn, game: string): unknown {
  if (whole !== undefined || !isKnown(event)) return whole;
  const base = { ...structuredClone(WELL_FORMED[event]), game_id: game };
  // Sends for the game and the players of somebody else.
  if (victim) Object.assign(base, { game_id: 'honest' }, 'player_id' in base && { player_id: 0 });
  return change ? mutated(base, change) : base;
}

async function stillServes(one: Client, two: Client, nonce: number): Promise<void> {
  await one.ask('webrtc_signal', { game_id: 'honest', target_player_id: 1, type: 'x', payload: nonce });
  expect(await two.hears('webrtc_signal', 1)).toMatchObject([{ payload: nonce }]);
}

const severe = (world: World) => world.lines.filter(({ level }) => level === 'error');

describe('messages of any structure', () => {
  it('are each answered, leave other games alone, and never cause an error', async () => {
    const counts = { cases: 0, messages: 0, accepted: 0, refused: 0 };
    const world = await startWorld({ rates: RATES, inspect: true, handshakes: ample, maxGames: 50 });
    const [one, two] = await startPair(world, 'honest');
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 30, size: 'max' }), async (messages) => {
        const attacker = await world.connect();
        const own = `own-${counts.cases}`;
        await attacker.join(own, 'attacker');
        one.inbox.length = two.inbox.length = 0;
        for (const each of messages) {
          if (RESERVED.includes(each.event)) continue;
          const args = [payloadOf(each, own), ...each.more];
          const answer = isKnown(each.event)
            ? await attacker.ask(each.event, ...args)
            : attacker.emit(each.event, ...args);
          if (answer === undefined) continue;
          counts.messages += 1;
          if (answer.ok === true) counts.accepted += 1;
          else {
            counts.refused += 1;
            expect(answer).toEqual({
              ok: false,
              error: { code: expect.any(String), message: expect.any(String) },
            });
            expect(answer).not.toMatchObject({ error: { code: 'internal' } });
          }
        }
        await attacker.settle();
        await Promise.all([one.settle(), two.settle()]);
        // A viewer of a game may greet its players; that is its purpose.
        const told = [...one.inbox, ...two.inbox].filter(({ event }) => event !== 'holdfast_inspect');
        expect(told).toEqual([]);
        counts.cases += 1;
        await stillServes(one, two, counts.cases);
        expect(world.server.stats.games).toBeLessThanOrEqual(50);
        expect([severe(world), rejections]).toEqual([[], []]);
        attacker.socket.close();
      }),
      budget(20),
    );
    await eventually(() => expect(world.server.stats.sockets).toBe(2));
    expect(JSON.stringify(world.lines)).not.toMatch(/secret|203\.0\.113|v=0/);
    report('server events', counts);
  });
});

const packet = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc
    .record({ head: fc.constantFrom('', '0', '1', '2', '3', '4', '5', '6', '9'), rest: text })
    .map(({ head, rest }) => head + rest),
  fc
    .record({
      type: fc.integer({ min: 0, max: 7 }),
      rest: fc.oneof(
        text,
        json.map((value) => JSON.stringify(value)),
      ),
    })
    .map(({ type, rest }) => `4${type}${rest}`),
  fc
    .record({ count: fc.constantFrom('', '-1', '1', '2', '11', '1e9'), rest: text })
    .map(({ count, rest }) => `45${count}-["game_data",${rest}`),
  fc.constantFrom(
    '40',
    '41',
    '40/other,',
    '42/other,["x"]',
    '43999[]',
    '42["webrtc_signal"',
    '2probe',
    '5',
    '6',
  ),
);
const raw = fc.oneof(
  packet.map((data) => frame(data)),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => frame(Buffer.from(bytes))),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record({ data: packet, opcode: fc.nat(15), isFinal: fc.boolean() })
    .map(({ data, opcode, isFinal }) => frame(data, opcode, isFinal)),
);

describe('bytes of any kind', () => {
  it('end at most their own connection', async () => {
    const counts = { cases: 0, packets: 0, 'connections ended': 0 };
    const world = await startWorld({ rates: RATES, handshakes: ample });
    const [one, two] = await startPair(world, 'honest');
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(raw, { minLength: 1, maxLength: 20 }),
        async (isConnected, frames) => {
          const client = await connectRaw(world);
          if (isConnected) client.says('40');
          for (const each of frames) client.socket.write(each);
          one.inbox.length = two.inbox.length = 0;
          counts.cases += 1;
          counts.packets += frames.length;
          await stillServes(one, two, counts.cases);
          counts['connections ended'] += Number(world.server.stats.sockets < 3);
          client.socket.destroy();
          expect([severe(world), rejections]).toEqual([[], []]);
        },
      ),
      budget(60),
    );
    await eventually(() => expect(world.server.stats.sockets).toBe(2));
    report('bytes on the wire', counts);
  });
});
