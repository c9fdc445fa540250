import type { RecoveryPolicy } from 'holdfast';
import { createRecorder, replay, type SessionRecord } from 'holdfast/inspect';
import { createConnectionMachine, PRESETS } from 'holdfast/machines';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { pass } from '../contract/players';
import { type FixtureName, recordsOf } from './fixtures';
import { connectRecorded } from './recorded';
import { written } from './written';

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

const renumber = (records: readonly SessionRecord[]) =>
  records.map((record, index) => ({ ...record, seq: index + 1 }));

/** The records up to the first event of this type. */
function cutAfter(records: readonly SessionRecord[], type: string) {
  const index = records.findIndex((record) => record.kind === 'event' && record.event.type === type);
  if (index < 0) throw new Error(`no event ${type}`);
  return records.slice(0, index + 1);
}

/** A link whose ICE failed, in a machine with this policy. */
function recordFailedIce(recovery: RecoveryPolicy): readonly SessionRecord[] {
  const recorder = createRecorder({ policy: 'custom' });
  const actor = createActor(createConnectionMachine({ policy: recovery }), {
    input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    clock: new SimulatedClock(),
    inspect: recorder.inspect,
  });
  actor.start();
  for (const type of ['connect', 'channel.opened', 'link.up', 'ice.failed'] as const) actor.send({ type });
  actor.stop();
  return recorder.records;
}

describe('a replay', () => {
  it.each(NAMES)('of the recorded %s agrees with the machine', (name) => {
    const records = recordsOf(name);
    expect(records.length).toBeGreaterThan(300);
    expect(replay(records)).toEqual([]);
  });

  it('of a session recorded just now agrees, including its end', async () => {
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

  it('of two connections of one manager agrees', async () => {
    const { recorder, a } = await connectRecorded();
    void a.manager.connectToPeer('third');
    await pass(2_000);
    expect(replay(recorder.records)).toEqual([]);
  });

  it('takes the plans of an unknown policy from the records', async () => {
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

  it('reports the record of a state that was tampered with', () => {
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

  it('reports the record of a reason that was tampered with', () => {
    const records = recordsOf('failure');
    const { seq } = findTransition(records, 'failed');
    const forged = tamper(records, seq, (record) => {
      if (record.kind === 'transition' && record.machine === 'connection' && record.context.failure)
        record.context.failure.reason = 'peer-left';
      return record;
    });
    expect(replay(forged)).toMatchObject([{ seq, what: 'differs' }]);
  });

  it('reports a record after an event that was exchanged', () => {
    const records = recordsOf('outage');
    const event = records.find((record) => record.kind === 'event' && record.event.type === 'life.silent');
    const forged = tamper(records, event?.seq ?? 0, (record) =>
      record.kind === 'event' ? { ...record, event: { type: 'channel.closed' } } : record,
    );
    const [first] = replay(forged);
    expect(first?.seq).toBeGreaterThan(event?.seq ?? 0);
    expect(first?.seq).toBeLessThanOrEqual((event?.seq ?? 0) + 10);
  });

  it('reports the gap that a removed record leaves', () => {
    const records = recordsOf('outage');
    const { seq } = findTransition(records, 'disconnected');
    expect(replay(records.filter((record) => record.seq !== seq))).toEqual([
      { seq: seq + 1, what: 'gap', recorded: '', replayed: '' },
    ]);
  });

  it('reports an announcement that was removed before renumbering', () => {
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

  it('reports the event at which the machine threw, and does not throw itself', () => {
    const records = recordsOf('outage');
    const events = records.filter((record) => record.kind === 'event' && record.event.type === 'life.silent');
    const seq = Number(events[0]?.seq);
    const forged = tamper(records.slice(0, seq), seq, (record) =>
      record.kind === 'event' ? { ...record, event: { type: '*' } } : record,
    );
    expect(replay(forged)).toEqual([{ seq, what: 'error', recorded: '*', replayed: 'Error' }]);
  });

  it.each(NAMES)('starts no timer: %s', (name) => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timer.mockRestore());
    replay(recordsOf(name));
    expect(timer).not.toHaveBeenCalled();
  });

  it('of no records finds nothing', () => {
    expect(replay([])).toEqual([]);
  });

  it('of records without their session compares nothing', () => {
    expect(replay(recordsOf('outage').slice(100))).toEqual([]);
  });

  it('starts again with each session, whatever is missing before it', () => {
    const records = recordsOf('failure');
    const later = records.map((record) => ({ ...record, seq: record.seq + 1_000 }));
    expect(replay([...records, ...later])).toEqual([]);
  });

  it('compares nothing after a gap until the next session', () => {
    const records = recordsOf('failure');
    const later = records.map((record) => ({ ...record, seq: record.seq + 1_000 }));
    const { seq } = findTransition(later, 'disconnected');
    const forged = later.map((record) =>
      record.kind === 'transition' && record.seq > seq ? { ...record, to: 'closed' } : record,
    );
    const cut = forged.filter((record) => record.seq !== seq && record.seq !== seq + 10);
    expect(replay([...records, ...cut])).toEqual([
      { seq: seq + 1, what: 'gap', recorded: '', replayed: '' },
      { seq: seq + 11, what: 'gap', recorded: '', replayed: '' },
    ]);
  });

  it('ignores an error of an actor, which the machine does not cause', () => {
    const records = recordsOf('outage');
    const [error] = written([
      0,
      {
        kind: 'event',
        machine: 'connection',
        from: 'peer',
        event: { type: 'xstate.error.actor.peer', error: 'TypeError' },
      },
    ]);
    if (!error) throw new Error('no record');
    expect(replay(renumber([...records.slice(0, 40), error, ...records.slice(40)]))).toEqual([]);
  });

  it('plans by itself if the policy is the default, whatever plans were recorded', () => {
    const records = recordsOf('outage').map((record) =>
      record.kind === 'transition' && record.machine === 'connection'
        ? { ...record, context: { ...record.context, plan: null } }
        : record,
    );
    expect(replay(records)).toEqual([]);
  });

  it('ends after 200 divergences', () => {
    const forged = recordsOf('outage').map((record) =>
      record.kind === 'transition' ? { ...record, to: 'lost' } : record,
    );
    const often = renumber([forged, forged, forged, forged].flat());
    expect(replay(often)).toHaveLength(200);
  });
});

describe('the report of a replay', () => {
  /** The divergence that such a record causes once it is changed. */
  function saidOf(
    isWanted: (record: SessionRecord) => boolean,
    change: (record: SessionRecord) => SessionRecord,
    records = recordsOf('failure'),
  ) {
    const { seq } = records.find(isWanted) ?? { seq: 0 };
    const [said, ...others] = replay(tamper(records, seq, change));
    expect([said?.seq, said?.what, others]).toEqual([seq, 'differs', []]);
    return [said?.recorded, said?.replayed];
  }
  const goTo = (record: SessionRecord) => (record.kind === 'transition' ? { ...record, to: 'lost' } : record);
  const isRest = (record: SessionRecord, machine: string, to: string) =>
    record.kind === 'transition' && record.machine === machine && record.to === to;

  it('names a command and its addressee', () => {
    expect(
      saidOf(
        (record) => record.kind === 'command' && record.command.type === 'startAttempt',
        (record) => ({ ...record, kind: 'command', to: 'peer', command: { type: 'probe' } }),
      ),
    ).toEqual(['peer: probe', 'peer: startAttempt']);
  });

  it('names an announcement and its reason', () => {
    expect(
      saidOf(
        (record) => record.kind === 'announcement' && record.announcement.type === 'failed',
        (record) => ({
          ...record,
          kind: 'announcement',
          announcement: { type: 'failed', reason: 'no-relay' },
        }),
      ),
    ).toEqual(['announces failed no-relay', 'announces failed peer-silent']);
  });

  it('marks a first state as the first', () => {
    expect(saidOf((record) => isRest(record, 'connection', 'new'), goTo)).toEqual([
      'connection on xstate.init: (start) → lost, 0 attempts',
      'connection on xstate.init: (start) → new, 0 attempts',
    ]);
  });

  it('contains the attempts and the reason of a failure', () => {
    const [, replayed] = saidOf((record) => isRest(record, 'connection', 'failed'), goTo);
    expect(replayed).toMatch(/^connection on [\w.]+: restarting\.[\w.]+ → failed, 0 attempts, peer-silent$/);
  });

  it('says for the outage machine whether a restart was requested', () => {
    expect(saidOf((record) => isRest(record, 'outage', 'pending'), goTo)).toEqual([
      'outage on suspect: none → lost',
      'outage on suspect: none → pending',
    ]);
    const asked = (isAsked: boolean) => (record: SessionRecord) =>
      record.kind === 'transition' && record.machine === 'outage'
        ? { ...record, context: { isAsked } }
        : record;
    expect(saidOf((record) => isRest(record, 'outage', 'pending'), asked(true))).toEqual([
      'outage on suspect: none → pending, asked',
      'outage on suspect: none → pending',
    ]);
  });

  it('lists what the machine did after the last record as extra', () => {
    const records = cutAfter(recordsOf('outage'), 'life.silent');
    const extra = [
      'outage on suspect: none → pending',
      'peer: suspect',
      'signaling: watch',
      'connection on life.silent: connected.steady → disconnected, 0 attempts',
    ].map((replayed) => ({ seq: records.length + 1, what: 'extra', recorded: '', replayed }));
    expect(replay(records)).toEqual(extra);
    const again = recordsOf('outage').map((record) => ({ ...record, seq: record.seq + records.length }));
    expect(replay([...records, ...again])).toEqual(extra);
  });

  it('lists a record for which the machine did nothing as missing', () => {
    const records = cutAfter(recordsOf('outage'), 'connect').slice(0, -1);
    const probes = written([0, { kind: 'command', to: 'peer', command: { type: 'probe' } }]);
    expect(replay(renumber([...records, ...probes]))).toEqual([
      { seq: records.length + 1, what: 'missing', recorded: 'peer: probe', replayed: '' },
    ]);
  });

  /** The first divergences if so many records of deeds before this state were removed. */
  function saidWithout(count: number) {
    const records = recordsOf('outage');
    const isDeed = ({ kind }: SessionRecord) => ['transition', 'command', 'announcement'].includes(kind);
    const found = records.findIndex(
      (record) =>
        record.kind === 'transition' && record.event === 'peer.learned' && record.from === 'connected.steady',
    );
    const cut = records.slice(0, found).filter(isDeed).slice(-count);
    return replay(renumber(records.filter((record) => !cut.includes(record))))
      .slice(0, count)
      .map(({ what }) => what);
  }

  it('lists up to seven missing records as extra', () => {
    expect(saidWithout(7)).toEqual(Array(7).fill('extra'));
  });

  it('lists a difference if more records are missing', () => {
    expect(saidWithout(8)[0]).toBe('differs');
  });
});

describe('a replay by the recorded plans of another policy', () => {
  const once: RecoveryPolicy = {
    plan: ({ attempts }) =>
      attempts < 1 ? { kind: 'rebuild', delayMs: 700, deadlineMs: 3_000, renewMs: 1_000 } : null,
  };

  it('takes each plan from the transition that follows its event', () => {
    const records = recordFailedIce(once);
    expect(records.at(-1)).toMatchObject({ to: 'restarting.waiting.backoff' });
    expect(replay(records)).toEqual([]);
  });

  it('has none if the records end before that transition', () => {
    const records = cutAfter(recordFailedIce(once), 'ice.failed');
    expect(replay(records).at(-1)).toEqual({
      seq: records.length + 1,
      what: 'extra',
      recorded: '',
      replayed: 'connection on ice.failed: connected.steady → failed, 0 attempts, restarts-exhausted',
    });
  });
});
