import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { budget, fc, report } from './budget';
import { forge } from './forge';
import { type Forgery, anything, garbage, plausible } from './forgeries';
import {
  FORBIDDEN,
  type Hostile,
  pass,
  refusalsOf,
  SITUATIONS,
  startHostileWorld,
  textOf,
} from './hostile-world';

vi.setConfig({ testTimeout: 3_600_000 });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const plan = fc.record({
  situation: fc.constantFrom(...SITUATIONS),
  profile: fc.constantFrom('chromium' as const, 'firefox' as const),
  isOfferer: fc.boolean(),
  seed: fc.nat(1_000),
});

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);
beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', onRejection);
});
afterEach(() => void process.off('unhandledRejection', onRejection));

function strike(hostile: Hostile, raw: unknown): void {
  expect(() => hostile.victim._handleSignal(raw)).not.toThrow();
}

describe('garbage for a signal', () => {
  it('is refused at debug with a typed error, changes nothing, and leaves an honest pair able to play', async () => {
    const counts = { cases: 0, signals: 0 };
    const one = fc.oneof({ weight: 9, arbitrary: garbage }, { weight: 1, arbitrary: anything });
    const isForgery = (value: unknown): value is Forgery =>
      typeof value === 'object' && value !== null && 'edits' in value && 'dress' in value;
    await fc.assert(
      fc.asyncProperty(plan, fc.array(one, { minLength: 1, maxLength: 30 }), async (world, forgeries) => {
        const hostile = await startHostileWorld(world);
        try {
          hostile.lines.length = 0;
          const before = hostile.image();
          for (const each of forgeries) strike(hostile, isForgery(each) ? forge(each, hostile.material()) : each);
          await pass(0);
          expect(hostile.image()).toBe(before);
          expect(refusalsOf(hostile.lines)).toHaveLength(forgeries.length);
          expect(textOf(hostile.lines)).not.toMatch(FORBIDDEN);
          counts.cases += 1;
          counts.signals += forgeries.length;
          expect(rejections).toEqual([]);
        } finally {
          hostile.dispose();
        }
      }),
      budget(150),
    );
    report('garbage for a signal', counts);
  });
});
