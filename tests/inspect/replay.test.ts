import type { RecoveryPolicy } from 'holdfast';
import { replay, type SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { pass } from '../contract/players';
import { type FixtureName, recordsOf } from './fixtures';
import { connectRecorded } from './recorded';

const NAMES: readonly FixtureName[] = ['outage', 'failure'];

/** A copy with one record changed. */
const tamper = (
  records: readonly SessionRecord[],
  seq: number,
  change: (record: SessionRecord) => SessionRecord,
) => records.map((record) => (record.seq === seq ? change(structuredClone(record)) : record));

const findTransition = (records: readonly SessionRecord[], to: string) => {
  const found = records.find((record) => record.kind === 'transition' && record.to === to);
  if (found?.kind !== 'transition') throw new Error(`no transition to ${to}`);
  return found;
};

describe('a replay', () => {
  it.each(NAMES)('of the recorded %s agrees with the machine', (name) => {
    const records = recordsOf(name);
    expect(records.length).toBeGreaterThan(300);
    expect(replay(records)).toEqual([]);
  });

  it('of a session recorded just now agrees, its end included', async () => {
    const { recorder, world, a, b } = await connectRecorded();
    world.cutOff();
    await pass(12_000);
    void a.manager.attemptIceRestart();
    world.reachAgain();
    await pass(15_000);
    b.manager.close();
    await pass(100);
    expect(replay(recorder.records)).toEqual([]);
    expect(recorder.records.at(-1)).toMatchObject({ kind: 'transition', to: 'closed' });
  });

  it('of two lives of one manager agrees', async () => {
    const { recorder, a } = await connectRecorded();
    void a.manager.connectToPeer('third');
    await pass(2_000);
    expect(replay(recorder.records)).toEqual([]);
  });

  it('takes the plans of a policy that it does not know from the records', async () => {
    const recovery: RecoveryPolicy = {
      plan: ({ attempts }) =>
        attempts < 1 ? { kind: 'ice-restart', delayMs: 700, deadlineMs: 3_000, renewMs: 1_000 } : null,
    };
    const { recorder, world } = await connectRecorded({ recovery }, { policy: 'custom' });
    world.network.cut();
    await pass(30_000);
    expect(recorder.records.some((record) => record.kind === 'transition' && record.to === 'failed')).toBe(
      true,
    );
    expect(replay(recorder.records)).toEqual([]);
  });

  it('names the record of a state that was tampered with', () => {
    const records = recordsOf('outage');
    const { seq } = findTransition(records, 'disconnected');
    const forged = tamper(records, seq, (record) =>
      record.kind === 'transition' ? { ...record, to: 'failed' } : record,
    );
    expect(replay(forged)).toEqual([
      {
        seq,
        what: 'differs',
        recorded: 'connection on life.silent: connected.steady → failed, 0 attempts',
        replayed: 'connection on life.silent: connected.steady → disconnected, 0 attempts',
      },
    ]);
  });

  it('names the record of a reason that was tampered with', () => {
    const records = recordsOf('failure');
    const { seq } = findTransition(records, 'failed');
    const forged = tamper(records, seq, (record) => {
      if (record.kind === 'transition' && record.machine === 'connection' && record.context.failure)
        record.context.failure.reason = 'peer-left';
      return record;
    });
    expect(replay(forged)).toMatchObject([{ seq, what: 'differs' }]);
  });

  it('names the record after an event that was exchanged', () => {
    const records = recordsOf('outage');
    const event = records.find((record) => record.kind === 'event' && record.event.type === 'life.silent');
    const forged = tamper(records, event?.seq ?? 0, (record) =>
      record.kind === 'event' ? { ...record, event: { type: 'channel.closed' } } : record,
    );
    const [first] = replay(forged);
    expect(first?.seq).toBeGreaterThan(event?.seq ?? 0);
    expect(first?.seq).toBeLessThanOrEqual((event?.seq ?? 0) + 10);
  });

  it('names the gap that a removed record leaves', () => {
    const records = recordsOf('outage');
    const { seq } = findTransition(records, 'disconnected');
    expect(replay(records.filter((record) => record.seq !== seq))).toEqual([
      { seq: seq + 1, what: 'gap', recorded: '', replayed: '' },
    ]);
  });

  it('says what an announcement that was cut out and renumbered leaves behind', () => {
    const records = recordsOf('outage');
    const lost = records.find(
      (record) => record.kind === 'announcement' && record.announcement.type === 'lost',
    );
    const seq = lost?.seq ?? 0;
    const forged = records
      .filter((record) => record !== lost)
      .map((record) => (record.seq > seq ? { ...record, seq: record.seq - 1 } : record));
    expect(replay(forged)).toEqual([{ seq, what: 'extra', recorded: '', replayed: 'announces lost' }]);
  });

  it('of nothing finds nothing', () => {
    expect(replay([])).toEqual([]);
  });
});
