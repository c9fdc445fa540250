import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isPlayerId } from '../../machines';
import { pass } from '../contract/players';
import { budget, fc, report } from './budget';
import { forge } from './forge';
import { anything, type Forgery, garbage, plausible } from './forgeries';
import {
  expectNoSecret,
  expectTyped,
  type Hostile,
  openConnections,
  refusalsOf,
  SITUATIONS,
  type Situation,
  startHostileWorld,
} from './hostile-world';
import { catchRejections } from './rejections';

vi.setConfig({ testTimeout: 3_600_000 });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const rejections = catchRejections();

const plan = fc.record({
  situation: fc.constantFrom(...SITUATIONS),
  profile: fc.constantFrom('chromium' as const, 'firefox' as const),
  isOfferer: fc.boolean(),
  seed: fc.nat(1_000),
});

const isForgery = (value: unknown): value is Forgery =>
  typeof value === 'object' && value !== null && 'edits' in value && 'dress' in value;

/** Before it has a target, a page takes the first valid offer from anybody. */
const isFirstOffer = (each: unknown, situation: Situation) =>
  situation === 'new' &&
  isForgery(each) &&
  each.type === 'offer' &&
  each.edits.some(
    ({ path, operation }) =>
      path === 'from_player_id' &&
      operation.kind === 'set' &&
      isPlayerId(operation.value) &&
      !String(operation.value).startsWith('SELF'),
  );

function strike(hostile: Hostile, each: unknown): void {
  const raw = isForgery(each) ? forge(each, hostile.material()) : each;
  expect(() => hostile.victim._handleSignal(raw)).not.toThrow();
}

/** What an honest pair does next; afterwards it must be connected, whatever was sent meanwhile. */
async function play({ world, victim, attacker, end, other, heard }: Hostile, situation: Situation) {
  world.reachAgain();
  if (situation === 'left') return;
  void victim.connectToPeer(other.playerId);
  void attacker.connectToPeer(end.playerId);
  const deadlineMs = Date.now() + 20_000;
  const areConnected = () => victim.state === 'connected' && attacker.state === 'connected';
  while (!areConnected() && Date.now() < deadlineMs) await pass(250);
  expect([victim.state, attacker.state]).toEqual(['connected', 'connected']);
  attacker.send('still there');
  await pass(100);
  expect(heard).toContainEqual(['onDataChannelMessage', 'still there']);
}

describe('garbage instead of a signal', () => {
  it('is refused at debug with a typed error and changes nothing, and the pair connects afterwards', async () => {
    const counts = { cases: 0, signals: 0 };
    const one = fc.oneof({ weight: 9, arbitrary: garbage }, { weight: 1, arbitrary: anything });
    const many = fc.array(one, { minLength: 1, maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(plan, many, async (world, drawn) => {
        const forgeries = drawn.filter((each) => !isFirstOffer(each, world.situation));
        const hostile = await startHostileWorld(world);
        try {
          hostile.lines.length = 0;
          const before = hostile.image();
          for (const each of forgeries) strike(hostile, each);
          await pass(0);
          expect(hostile.image()).toBe(before);
          expect(refusalsOf(hostile.lines)).toHaveLength(forgeries.length);
          expectNoSecret(hostile.lines);
          await play(hostile, world.situation);
          expect(rejections).toEqual([]);
          counts.cases += 1;
          counts.signals += forgeries.length;
        } finally {
          hostile.dispose();
        }
      }),
      budget(40),
    );
    report('garbage for a signal', counts);
  });
});

/** One current connection, two racers, three losers. */
const MAX_OPEN = 6;
/** Of both managers: heartbeats, stats, deadlines, pending acknowledgements. */
const MAX_TIMERS = 400;
const MAX_OFFERS = 16;
const MAX_GENERATIONS = 4;

/** How many descriptions, or generations of early candidates, one map ever held. */
function watchMaps(): { fullest: Record<string, number>; stop: () => void } {
  const fullest: Record<string, number> = {};
  const { set } = Map.prototype;
  Map.prototype.set = function (key, value) {
    Reflect.apply(set, this, [key, value]);
    const isDescription = typeof value === 'object' && value !== null && 'ufrag' in value && 'sdp' in value;
    const kind = isDescription ? 'offers kept' : Array.isArray(value) && value[0]?.init && 'generations held';
    if (kind) fullest[kind] = Math.max(fullest[kind] ?? 0, this.size);
    return this;
  };
  return {
    fullest,
    stop: () => {
      Map.prototype.set = set;
    },
  };
}

const VARIATIONS = [
  'nothing',
  'nothing',
  'payload.holdfast.session',
  'payload.holdfast.connection',
  'payload.usernameFragment',
];

/** The same forgery, with another value at the path that varies. */
function vary(forgery: Forgery, path: string, time: number): Forgery {
  if (path === 'nothing') return forgery;
  const value = path.endsWith('connection') ? time + 2 : `other${time}`;
  return { ...forgery, edits: [...forgery.edits, { path, operation: { kind: 'set', value } }] };
}

const volley = fc.record({
  forgery: fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: garbage }),
  times: fc.constantFrom(1, 1, 1, 2, 5, 40),
  /** What differs each time. */
  varied: fc.constantFrom(...VARIATIONS),
  waitMs: fc.constantFrom(0, 0, 10, 300, 1_100),
});

describe('signals that may be accepted: replayed, out of order or carefully forged', () => {
  it('break nothing, fill nothing, and leave nothing behind', async () => {
    const counts = { cases: 0, signals: 0, 'connections open at most': 0, 'timers at most': 0 };
    const { fullest, stop } = watchMaps();
    onTestFinished(stop);
    const volleys = fc.array(volley, { minLength: 1, maxLength: 12, size: 'max' });
    await fc.assert(
      fc.asyncProperty(plan, volleys, async (world, attack) => {
        const hostile = await startHostileWorld(world);
        const { victim, end, lines, heard } = hostile;
        const begin = { sent: hostile.sent(), atMs: Date.now() };
        let struck = 0;
        try {
          for (const { forgery, varied, times, waitMs } of attack) {
            for (let time = 0; time < times; time += 1) strike(hostile, vary(forgery, varied, time));
            struck += times;
            await pass(waitMs);
            const [open, timers] = [openConnections(end), hostile.timers()];
            expect(open).toBeLessThanOrEqual(MAX_OPEN);
            expect(timers).toBeLessThanOrEqual(MAX_TIMERS);
            counts['connections open at most'] = Math.max(counts['connections open at most'], open);
            counts['timers at most'] = Math.max(counts['timers at most'], timers);
          }
          const passedS = (Date.now() - begin.atMs) / 1_000;
          expect(hostile.sent() - begin.sent).toBeLessThanOrEqual(4 * struck + 20 * passedS + 20);
          // Left alone, it comes to rest.
          hostile.attacker.close();
          hostile.world.reachAgain();
          await pass(12_000);
          expect(['new', 'connected', 'failed', 'closed']).toContain(victim.state);
          expectTyped(lines);
          expectNoSecret(lines);

          victim.close();
          lines.length = heard.length = 0;
          for (const { forgery } of attack) strike(hostile, forgery);
          await pass(2_000);
          expect([lines, heard, victim.state, victim.peerConnection]).toEqual([[], [], 'closed', null]);
          expect([openConnections(end), hostile.timers(), end.socket.listenerCount()]).toEqual([0, 0, 0]);
          expect(rejections).toEqual([]);
          counts.cases += 1;
          counts.signals += struck;
        } finally {
          hostile.dispose();
        }
      }),
      budget(40),
    );
    // For a moment there is one more, before the oldest is dropped.
    expect(fullest['offers kept'] ?? 0).toBeLessThanOrEqual(MAX_OFFERS + 1);
    expect(fullest['generations held'] ?? 0).toBeLessThanOrEqual(MAX_GENERATIONS + 1);
    report('signals that may be taken', { ...counts, ...fullest });
  });
});
