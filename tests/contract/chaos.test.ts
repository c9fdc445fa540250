import { CHAOS_KINDS, type ChaosKind } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { connectPlayers, type Heard, pass } from './players';

const TWO_MINUTES_MS = 120_000;
/** Enough for every link to recover once all faults have ended. */
const PEACE_MS = 60_000;

interface Outcome {
  readonly faults: readonly { kind: ChaosKind }[];
  readonly heard: readonly (readonly Heard[])[];
  readonly states: readonly string[];
}

async function live(seed: number, kinds?: readonly ChaosKind[]): Promise<Outcome> {
  const { world, a, b } = await connectPlayers();
  const chaos = world.chaos({ seed, ...(kinds && { kinds }) });
  await pass(TWO_MINUTES_MS);
  chaos.stop();
  chaos.stop();
  await pass(PEACE_MS);
  const outcome = {
    faults: [...chaos.faults],
    heard: [a, b].map(({ heard }) => heard.map(([name]): Heard => [name])),
    states: [a.manager.state, b.manager.state],
  };
  for (const { manager } of [a, b]) manager.close();
  world.dispose();
  return outcome;
}

describe('chaos', () => {
  it('repeats faults and announcements for the same seed, and differs for another', async () => {
    const [one, same] = [await live(7), await live(7)];
    expect(same).toEqual(one);
    expect((await live(8)).faults).not.toEqual(one.faults);
  });

  it.each(CHAOS_KINDS)(
    'leaves a link that recovers after it stops, with %s as its only kind',
    async (kind) => {
      const { faults, states } = await live(3, [kind]);
      expect(faults.length).toBeGreaterThan(3);
      expect(new Set(faults.map((fault) => fault.kind))).toEqual(new Set([kind]));
      expect(states).toEqual(['connected', 'connected']);
    },
  );

  it('interrupts the game, with faults of all kinds', async () => {
    const outcomes = [await live(1), await live(2), await live(4)];
    const kinds = outcomes.flatMap(({ faults }) => faults.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(CHAOS_KINDS));
    expect(outcomes.flatMap(({ heard }) => heard.flat(2))).toContain('onConnectionLost');
  });
});
