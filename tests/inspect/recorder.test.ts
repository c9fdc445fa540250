import { CSV_COLUMNS, createRecorder, type Recorder } from 'holdfast/inspect';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { countOf, libraryTimers, pass } from '../contract/players';
import { connectRecorded, ofKind, startRecorded } from './recorded';

describe('a recorder', () => {
  it('starts with the session: the input, the version and both charts with their delays', async () => {
    const { recorder } = await connectRecorded({ disconnectTimeoutMs: 4_000, forceRelay: false });
    const [session, ...others] = ofKind(recorder, 'session');
    expect(others).toEqual([]);
    expect(recorder.records[0]).toBe(session);
    expect(session).toMatchObject({ v: 1, link: recorder.link, seq: 1, label: 'player 1', library: version });
    expect(session?.input).toMatchObject({ browser: 'chromium', timings: { disconnectTimeoutMs: 4_000 } });
    const { connection, outage } = session?.machines ?? {};
    expect(connection?.root.states.map(({ key }) => key)).toEqual([
      'new',
      'checking',
      'connected',
      'disconnected',
      'restarting',
      'failed',
      'closed',
    ]);
    expect(connection?.delays).toMatchObject({ disconnectTimeout: 4_000, backoff: null });
    expect(outage?.delays).toEqual({ disconnectGrace: 500 });
    const disconnected = connection?.root.states.find(({ key }) => key === 'disconnected');
    expect(disconnected?.arrows.filter(({ delay }) => delay === 'disconnectTimeout')).toEqual([
      {
        event: 'xstate.after.disconnectTimeout.connection.disconnected',
        guard: 'hasPlan',
        target: 'restarting',
        actions: ['planAttempt', 'tellSuspect'],
        reenter: false,
        delay: 'disconnectTimeout',
      },
      {
        event: 'xstate.after.disconnectTimeout.connection.disconnected',
        guard: null,
        target: 'failed',
        actions: ['giveUp'],
        reenter: false,
        delay: 'disconnectTimeout',
      },
    ]);
    expect(disconnected?.invoke).toEqual([
      { id: 'stats', src: 'stats' },
      { id: 'heartbeat', src: 'heartbeat' },
    ]);
  });

  it('numbers its records without gaps and timestamps them in order', async () => {
    const { recorder } = await connectRecorded();
    const { records } = recorder;
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
    const times = records.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((x, y) => x - y));
  });

  it('follows an outage: states with the arrows taken, commands, announcements, running timers', async () => {
    const { recorder, world } = await connectRecorded();
    const begun = recorder.records.length;
    world.network.cut();
    await pass(8_000);
    world.network.heal();
    await pass(2_000);
    const later = recorder.records.slice(begun);
    const moves = later.flatMap((record) =>
      record.kind === 'transition' && record.machine === 'connection' && record.from !== record.to
        ? `${record.from} → ${record.to} (${record.event})`
        : [],
    );
    expect(moves).toEqual([
      'connected.steady → disconnected (life.silent)',
      'disconnected → restarting.waiting.backoff (xstate.after.disconnectTimeout.connection.disconnected)',
      'restarting.waiting.backoff → restarting.attempting.offered (xstate.after.backoff.connection.restarting.waiting.backoff)',
      'restarting.attempting.offered → connected.steady (link.up)',
    ]);
    const lost = later.find((record) => record.kind === 'transition' && record.to === 'disconnected');
    expect(lost).toMatchObject({
      arrows: [{ source: 'connected', event: 'life.silent', target: 'disconnected' }],
      context: { cause: 'life.silent', attempts: 0 },
      timers: [{ name: 'disconnectTimeout', state: 'disconnected' }],
    });
    const told = later.flatMap((record) => (record.kind === 'announcement' ? record.announcement.type : []));
    expect(told).toEqual(['lost', 'restored']);
    const commands = later.flatMap((record) => (record.kind === 'command' ? record.command.type : []));
    expect(commands).toContain('startAttempt');
    const counted = ofKind(recorder, 'transition').filter(({ event }) => event === 'attempt.counted');
    expect(counted[0]).toMatchObject({ context: { attempts: 1, plan: { isCounted: true } } });
  });

  it('records why a link failed', async () => {
    const { recorder, world } = await connectRecorded({ maxIceRestarts: 1 });
    world.network.cut();
    await pass(40_000);
    expect(ofKind(recorder, 'announcement').at(-1)?.announcement).toEqual({
      type: 'failed',
      reason: 'restarts-exhausted',
    });
    const failed = ofKind(recorder, 'transition').filter(({ to }) => to === 'failed');
    expect(failed).toMatchObject([{ context: { failure: { reason: 'restarts-exhausted', attempts: 1 } } }]);
  });

  it('records signals by type and direction, the path, and samples of quality', async () => {
    const { recorder } = await connectRecorded();
    await pass(6_000);
    const signals = ofKind(recorder, 'signal').map(({ direction, type }) => `${direction} ${type}`);
    expect(signals).toEqual(expect.arrayContaining(['out offer', 'in answer', 'out ice-candidate']));
    expect(ofKind(recorder, 'path').map(({ path }) => path?.connectionType)).toEqual(['direct']);
    const samples = ofKind(recorder, 'sample');
    expect(samples.length).toBeGreaterThanOrEqual(6);
    expect(samples.at(-1)).toMatchObject({ status: 'good', loss: 0 });
    expect(samples.at(-1)?.rttMs).toBeGreaterThanOrEqual(0);
  });

  it('records no round trip while nothing comes back', async () => {
    const { recorder, world } = await connectRecorded();
    world.network.cut();
    await pass(5_000);
    expect(ofKind(recorder, 'sample').at(-1)).toMatchObject({
      rttMs: null,
      jitterMs: null,
      status: 'unknown',
    });
    expect(ofKind(recorder, 'sample').at(-1)?.loss).toBeGreaterThan(0);
  });

  it('records the marks of the game', () => {
    const { recorder } = startRecorded();
    recorder.mark('episode 3 ended');
    expect(recorder.records.at(-1)).toMatchObject({ kind: 'mark', text: 'episode 3 ended' });
  });

  it('does not affect the callbacks of the game', async () => {
    const { a, world } = await connectRecorded();
    world.network.cut();
    await pass(3_000);
    expect(countOf(a.heard, 'onDataChannelOpen')).toBe(1);
    expect(countOf(a.heard, 'onConnectionLost')).toBe(1);
  });

  it('leaves nothing alive after the link is closed', async () => {
    const { a, b, world } = await connectRecorded();
    await pass(2_500);
    a.manager.close();
    b.manager.close();
    expect(libraryTimers(world)).toBe(0);
    expect(world.a.socket.listenerCount()).toBe(0);
  });

  it('releases the link when it is detached', async () => {
    const { a, detach, recorder, world } = await connectRecorded();
    const [listeners, timers] = [world.a.socket.listenerCount(), libraryTimers(world)];
    detach();
    detach();
    expect(world.a.socket.listenerCount()).toBe(listeners - 2);
    expect(libraryTimers(world)).toBe(timers - 1);
    const samples = ofKind(recorder, 'sample').length;
    await pass(5_000);
    expect(ofKind(recorder, 'sample').length).toBe(samples);
    expect(a.manager.state).toBe('connected');
  });

  it('continues with a new session when the manager connects to another player', async () => {
    const { a, recorder } = await connectRecorded();
    void a.manager.connectToPeer('third');
    await pass(1_500);
    expect(ofKind(recorder, 'session')).toHaveLength(2);
    expect(ofKind(recorder, 'path').at(-1)?.path).toBeNull();
    const last = ofKind(recorder, 'transition').at(-1);
    expect(last?.to).toMatch(/^checking/);
    expect(ofKind(recorder, 'signal').some(({ direction }) => direction === 'out')).toBe(true);
  });

  it('passes each record to its subscribers, even if one of them throws', async () => {
    const { recorder, a } = startRecorded();
    const heard: number[] = [];
    recorder.subscribe(() => {
      throw new Error('a careless viewer');
    });
    const stop = recorder.subscribe(({ seq }) => heard.push(seq));
    void a.manager.connectToPeer(2);
    const known = recorder.records.length;
    expect(heard.at(-1)).toBe(known);
    stop();
    recorder.mark('after');
    expect(heard.at(-1)).toBe(known);
  });
});

describe('the labels, ids and marks of a recorder', () => {
  const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  it('default to the label `link` and a unique id', () => {
    const [first, second] = [createRecorder(), createRecorder()];
    expect(first.label).toBe('link');
    expect(first.link).toMatch(UUID);
    expect(second.link).toMatch(UUID);
    expect(second.link).not.toBe(first.link);
  });

  it.each([
    ['no crypto', undefined],
    ['a crypto without ids, as in an insecure origin', {}],
  ])('include an id even with %s', (_name, crypto) => {
    vi.stubGlobal('crypto', crypto);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(createRecorder().link).toMatch(/^link-[0-9a-z]+$/);
  });

  it('are limited to 80 characters for a label and 200 for a mark', () => {
    const recorder = createRecorder({ label: 'l'.repeat(81) });
    recorder.mark('m'.repeat(201));
    expect(recorder.label).toBe('l'.repeat(80));
    expect(recorder.records).toMatchObject([{ text: 'm'.repeat(200) }]);
  });

  it('split no character in two: half of one is not UTF-8, which stops other readers', () => {
    const recorder = createRecorder({ label: `${'l'.repeat(79)}😀` });
    recorder.mark(`${'m'.repeat(199)}😀`);
    expect(recorder.label).toBe('l'.repeat(79));
    expect(recorder.records).toMatchObject([{ text: 'm'.repeat(199) }]);
  });

  it('reveal nothing of a secret at the place where they are cut', () => {
    const recorder = createRecorder({ label: `${'l'.repeat(74)} correct horse` });
    recorder.hide('correct horse');
    recorder.mark(`${'m'.repeat(194)} correct horse`);
    recorder.mark(`${'m'.repeat(189)} 203.0.113.77`);
    expect(recorder.label).toBe(`${'l'.repeat(74)} [reda`);
    expect(recorder.records).toMatchObject([
      { text: `${'m'.repeat(194)} [reda` },
      { text: `${'m'.repeat(189)} [redacted]` },
    ]);
  });

  it('are converted to text if an untyped page passes something else', () => {
    const recorder: Recorder = Reflect.apply(createRecorder, undefined, [{ label: 7 }]);
    for (const text of [42, undefined, null]) Reflect.apply(recorder.mark, undefined, [text]);
    expect(recorder.label).toBe('7');
    expect(recorder.records).toMatchObject([{ text: '42' }, { text: 'undefined' }, { text: 'null' }]);
  });

  it("have times since the recorder's start, in hundredths of a ms, beside the wall clock", () => {
    let nowMs = 1_000;
    const world = { now: () => nowMs, wallNow: () => 1_767_225_600_000 + nowMs, randomId: () => 'mine' };
    const recorder = createRecorder({ world });
    nowMs = 3_012.346;
    recorder.mark('a');
    expect(recorder.records).toEqual([
      {
        v: 1,
        link: 'mine',
        seq: 1,
        atMs: 2_012.35,
        wallMs: 1_767_225_603_012.346,
        kind: 'mark',
        text: 'a',
      },
    ]);
  });

  it('are exported as NDJSON and CSV', () => {
    const recorder = createRecorder({ maxRecords: 1 });
    recorder.mark('a');
    recorder.mark('b');
    expect(recorder.toNdjson()).toBe(`${JSON.stringify(recorder.records[0])}\n`);
    expect(recorder.toCsv().split('\r\n')).toEqual([
      CSV_COLUMNS.join(','),
      expect.stringMatching(/,mark,,,,,,,b,,,,$/),
      '',
    ]);
  });
});

describe('a small recorder', () => {
  it('drops the oldest records, and keeps the session, the last transition of each machine and the path', async () => {
    const { recorder } = await connectRecorded({}, { maxRecords: 20 });
    for (let count = 0; count < 30; count += 1) recorder.mark(`mark ${count}`);
    const { records } = recorder;
    expect(records.map(({ kind }) => kind)).toEqual([
      'session',
      'transition',
      'transition',
      'path',
      ...Array.from({ length: 20 }, () => 'mark'),
    ]);
    expect(records.slice(1, 3)).toMatchObject([{ to: 'none' }, { to: 'connected.steady' }]);
    const last = records.at(-1);
    expect(recorder.dropped).toBe((last?.seq ?? 0) - 24);
    expect(last).toMatchObject({ text: 'mark 29' });
  });

  it('has dropped nothing until it is full', async () => {
    const { recorder } = await connectRecorded();
    expect(recorder.dropped).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('of %d records is refused', (maxRecords) => {
    expect(() => createRecorder({ maxRecords })).toThrow(
      new RangeError(`maxRecords is ${maxRecords}: expected a positive integer`),
    );
  });

  it.each([0, Number.POSITIVE_INFINITY])('that samples every %d ms is refused', (sampleMs) => {
    expect(() => createRecorder({ sampleMs })).toThrow(
      new RangeError(`sampleMs is ${sampleMs}: expected a positive integer`),
    );
  });
});
