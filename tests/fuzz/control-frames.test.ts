import type { FakeWorld } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeFrame } from '../../src/peer/control-frames';
import { echo, HostilePage } from '../contract/hostile-page';
import { createPlayer, HANDSHAKE_MS, type Player, pass, refusalsOf, startWorld } from '../contract/players';
import { budget, fc, report } from './budget';
import { catchRejections } from './rejections';

vi.setConfig({ testTimeout: 3_600_000 });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const rejections = catchRejections();

const digits = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom(
    '',
    '-1',
    '1.5',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '١',
    '９',
    '9'.repeat(15),
    '9'.repeat(16),
    '1\n',
    '1\u0000',
  ),
);
const text = fc.oneof(
  fc
    .record({ letter: fc.constantFrom('p', 'q', 'm', 'n', 'b', 'P', 'x', ''), digits })
    .map(({ letter, digits: number }) => letter + number),
  fc.string({ maxLength: 20, unit: 'binary' }),
  fc.constantFrom('{"type":"bye"}', '["b"]', 'bye', 'null', 'z'.repeat(100_000)),
);
const binary = fc.uint8Array({ maxLength: 64 }).map((bytes) => new Uint8Array(bytes).buffer);
const valid = fc.oneof(
  fc
    .record({ letter: fc.constantFrom('p', 'q'), seq: fc.oneof(fc.nat(40), fc.nat()) })
    .map(({ letter, seq }) => `${letter}${seq}`),
  fc.constantFrom('m', 'n', 'b'),
);
const frame: fc.Arbitrary<string | ArrayBuffer> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 3, arbitrary: valid },
  { weight: 1, arbitrary: binary },
);

/** The grammar of docs/PROTOCOL.md, written independently of the decoder. */
function isFrame(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  if (['m', 'n', 'b'].includes(data)) return true;
  const [letter, ...rest] = [...data];
  const isNumber = rest.length >= 1 && rest.length <= 15 && rest.every((each) => '0123456789'.includes(each));
  return (letter === 'p' || letter === 'q') && isNumber;
}

describe('any input for a control frame', () => {
  it('is read as the grammar says, without throwing', () => {
    const counts = { cases: 0, frames: 0 };
    fc.assert(
      fc.property(fc.oneof(frame, fc.anything()), (data) => {
        const read = decodeFrame(data);
        expect(read !== null).toBe(isFrame(data));
        counts.cases += 1;
        counts.frames += Number(read !== null);
      }),
      budget(1_000),
    );
    report('control frames read', counts);
  });
});

const imageOf = ({ manager, end, heard }: Player) =>
  JSON.stringify([
    manager.state,
    end.peerConnections.map((pc) => pc.signalingState),
    heard,
    manager.iceRestartAttempts,
  ]);

async function meet(world: FakeWorld) {
  const victim = createPlayer(world, world.b);
  const answers: string[] = [];
  const page = new HostilePage(world, world.a, world.b.playerId);
  await page.offer(1, (said) => {
    if (!said.startsWith('p')) answers.push(said);
    return echo(said);
  });
  await pass(HANDSHAKE_MS);
  expect(victim.manager.state).toBe('connected');
  victim.lines.length = victim.heard.length = answers.length = 0;
  return { victim, page, answers };
}

describe('control frames on a live link', () => {
  it('change no state, are refused when invalid, and are answered at most once when valid', async () => {
    const counts = { cases: 0, frames: 0, refused: 0, answers: 0 };
    const said = fc.array(
      frame.filter((each) => each !== 'b'),
      { minLength: 1, maxLength: 100, size: 'max' },
    );
    const world = startWorld();
    await fc.assert(
      fc.asyncProperty(said, async (frames) => {
        const { victim, page, answers } = await meet(world);
        const before = imageOf(victim);
        for (const each of frames) page.say(1, each);
        await pass(100);
        const garbage = frames.filter((each) => !isFrame(each));
        expect(imageOf(victim)).toBe(before);
        expect(refusalsOf(victim)).toEqual(garbage.map(() => 'debug malformed'));
        expect(answers.length).toBeLessThanOrEqual(frames.length - garbage.length);
        victim.manager.close();
        page.close();
        await pass(100);
        expect(rejections).toEqual([]);
        counts.cases += 1;
        counts.frames += frames.length;
        counts.refused += garbage.length;
        counts.answers += answers.length;
      }),
      budget(15),
    );
    report('control frames on a live link', counts);
  });
});
