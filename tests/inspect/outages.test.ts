import { type Outage, outagesOf, type RecordBody } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { HEALTHY } from '../support/evidence';
import {
  DIRECT,
  type Entry,
  FAILURE,
  mark,
  moved,
  PLAN,
  RELAYED,
  SESSION,
  toldOutage,
  written,
} from './written';

const silent = (silentForMs: number): RecordBody => ({
  kind: 'event',
  machine: 'connection',
  from: 'heartbeat',
  event: { type: 'life.silent', silentForMs },
});
const announce = (type: 'lost' | 'restored'): RecordBody => ({
  kind: 'announcement',
  announcement: { type },
});
const found = (path: typeof DIRECT | null): RecordBody => ({ kind: 'path', path });

const lost = moved('connected.steady', 'disconnected', {
  event: 'ice.disconnected',
  context: { cause: 'ice.disconnected' },
});
const backoff = moved('disconnected', 'restarting.waiting.backoff', { context: { plan: PLAN } });
const attempting = moved('restarting.waiting.backoff', 'restarting.attempting.offered', {
  context: { plan: PLAN },
});
const counted = moved('restarting.attempting.offered', 'restarting.attempting.offered', {
  event: 'attempt.counted',
  context: { plan: { ...PLAN, isCounted: true } },
});
const up = moved('restarting.attempting.offered', 'connected.steady');

/** The outage that started at 10 s, without what each test adds. */
const OUTAGE: Outage = {
  seq: 1,
  isFirstConnect: false,
  isRetry: false,
  cause: 'ice.disconnected',
  faultAtMs: 10_000,
  suspectedAtMs: 10_000,
  lostAtMs: null,
  attempts: [],
  end: null,
  endedBy: null,
  endedAtMs: null,
  reason: null,
  durationMs: null,
  pathBefore: null,
  pathAfter: null,
};
const ATTEMPT = {
  kind: 'ice-restart',
  by: 'us',
  startedAtMs: 12_000,
  countedAtMs: null,
  endedAtMs: null,
} satisfies Outage['attempts'][number];
const RESTORED: Partial<Outage> = {
  end: 'restored',
  endedBy: 'life.back',
  endedAtMs: 11_000,
  durationMs: 1_000,
};

const healed = moved('disconnected', 'connected.steady', { event: 'life.back' });
const outagesIn = (...entries: Entry[]) => outagesOf(written(...entries));

describe('an outage', () => {
  it('lasts from the fault to its end, with counted attempts and the paths before and after', () => {
    const outages = outagesIn(
      [0, SESSION],
      [100, found(DIRECT)],
      [9_000, mark('fault: the cable was cut')],
      [10_000, silent(1_000)],
      [10_000, moved('connected.steady', 'disconnected', { context: { cause: 'life.silent' } })],
      [10_500, announce('lost')],
      [11_000, backoff],
      [12_000, attempting],
      [12_100, counted],
      [15_000, up],
      [15_100, announce('restored')],
      [16_000, found(RELAYED)],
    );
    expect(outages).toEqual([
      {
        seq: 5,
        isFirstConnect: false,
        isRetry: false,
        cause: 'life.silent',
        faultAtMs: 9_000,
        suspectedAtMs: 10_000,
        lostAtMs: 10_500,
        attempts: [{ ...ATTEMPT, countedAtMs: 12_100, endedAtMs: 15_000 }],
        end: 'restored',
        endedBy: 'link.up',
        endedAtMs: 15_000,
        reason: null,
        durationMs: 6_000,
        pathBefore: DIRECT,
        pathAfter: RELAYED,
      },
    ]);
  });

  it('has no end while nothing has ended it', () => {
    expect(outagesIn([10_000, lost])).toEqual([OUTAGE]);
  });

  it('may follow another, each with its own start', () => {
    const outages = outagesIn([10_000, lost], [11_000, healed], [20_000, lost]);
    expect(outages).toEqual([
      { ...OUTAGE, ...RESTORED },
      { ...OUTAGE, seq: 3, faultAtMs: 20_000, suspectedAtMs: 20_000 },
    ]);
  });

  it('is announced when the game receives `lost`, and by no other announcement', () => {
    expect(outagesIn([10_000, lost], [10_500, announce('restored')])).toEqual([OUTAGE]);
    expect(outagesIn([1_000, announce('lost')], [10_000, lost])).toEqual([{ ...OUTAGE, seq: 2 }]);
  });

  it('includes a recovery that starts without a suspicion', () => {
    const restarting = moved('connected.steady', 'restarting.waiting.backoff', {
      context: { cause: 'ice.failed' },
    });
    expect(outagesIn([10_000, restarting])).toEqual([{ ...OUTAGE, cause: 'ice.failed' }]);
  });

  it('does not exist while the link stays up or down', () => {
    const steady = moved('connected.steady', 'connected.steady', { event: 'peer.learned' });
    const failed = moved('failed', 'failed', { event: 'signaling.down' });
    const closed = moved('failed', 'closed');
    expect(outagesIn([0, moved('new', 'checking.offered')], [1, steady], [2, failed], [3, closed])).toEqual(
      [],
    );
  });

  it('is derived only from the connection, whatever the states of the outage machine are called', () => {
    expect(outagesIn([10_000, toldOutage('none', 'disconnected')])).toEqual([]);
    expect(outagesIn([10_000, lost], [11_000, toldOutage('told', 'connected')])).toEqual([OUTAGE]);
  });
});

describe('the end of an outage', () => {
  it('is a failure, with its reason', () => {
    const failed = moved('disconnected', 'failed', { event: 'restart', context: { failure: FAILURE } });
    expect(outagesIn([10_000, lost], [11_000, failed])).toEqual([
      { ...OUTAGE, ...RESTORED, end: 'failed', endedBy: 'restart', reason: 'peer-silent' },
    ]);
  });

  it.each([
    ['that the peer closed', { ...FAILURE, reason: 'peer-left' as const }, 'peer-left'],
    ['that was closed by this page', null, null],
  ])('is the closing of a link %s', (_name, failure, reason) => {
    const closed = moved('disconnected', 'closed', { event: 'close', context: { failure } });
    expect(outagesIn([10_000, lost], [11_000, closed])).toEqual([
      { ...OUTAGE, ...RESTORED, end: 'closed', endedBy: 'close', reason },
    ]);
  });

  it('is the start of another session, which knows nothing of the former', () => {
    const outages = outagesIn(
      [1_000, found(DIRECT)],
      [10_000, lost],
      [10_500, backoff],
      [12_000, attempting],
      [12_500, mark('fault: cut')],
      [13_000, SESSION],
      [20_000, lost],
    );
    expect(outages).toEqual([
      {
        ...OUTAGE,
        seq: 2,
        attempts: [{ ...ATTEMPT, endedAtMs: 13_000 }],
        end: 'closed',
        endedAtMs: 13_000,
        durationMs: 3_000,
        pathBefore: DIRECT,
      },
      { ...OUTAGE, seq: 7, faultAtMs: 20_000, suspectedAtMs: 20_000 },
    ]);
  });
});

describe('a first connect that fails', () => {
  const failed = { end: 'failed', endedBy: 'link.up', endedAtMs: 10_000, durationMs: 0 } as const;
  const wasUp = (is: boolean) => ({ evidence: { ...HEALTHY, wasUp: is } });

  it.each(['new', 'checking.offered'])('is distinguished from an outage by where it started: %s', (from) => {
    const record = moved(from, 'failed', { context: { ...wasUp(true), failure: FAILURE } });
    expect(outagesIn([10_000, record])).toEqual([
      { ...OUTAGE, ...failed, isFirstConnect: true, cause: 'life.silent', reason: 'peer-silent' },
    ]);
  });

  it('is distinguished from an outage by a link that was never up', () => {
    const record = moved('restarting.waiting.backoff', 'failed', { context: wasUp(false) });
    expect(outagesIn([10_000, record])).toEqual([
      { ...OUTAGE, ...failed, isFirstConnect: true, cause: null },
    ]);
  });
});

describe('a recovery out of `failed`', () => {
  it('is distinguished from an outage, because the game has already received `failed`', () => {
    const again = moved('failed', 'restarting.waiting.backoff', {
      event: 'restart',
      context: { cause: 'restart' },
    });
    const up = moved('restarting.waiting.backoff', 'connected.steady');
    const outages = outagesIn(
      [10_000, lost],
      [11_000, moved('disconnected', 'failed')],
      [20_000, again],
      [21_000, up],
    );
    expect(outages.slice(1)).toEqual([
      {
        ...OUTAGE,
        seq: 3,
        isRetry: true,
        cause: 'restart',
        faultAtMs: 20_000,
        suspectedAtMs: 20_000,
        end: 'restored',
        endedBy: 'link.up',
        endedAtMs: 21_000,
        durationMs: 1_000,
      },
    ]);
  });
});

describe('the fault behind an outage', () => {
  it.each([
    ['fault', 9_000],
    ['fault: the cable was cut', 9_000],
    ['fault over: the cable is back', 10_000],
    ['faulty cable', 10_000],
    ['no fault yet', 10_000],
    ['episode 3 began', 10_000],
  ])('after the mark %j is at %d ms', (text, faultAtMs) => {
    expect(outagesIn([9_000, mark(text)], [10_000, lost])).toEqual([{ ...OUTAGE, seq: 2, faultAtMs }]);
  });

  it('is not a mark that was over before anything was suspected', () => {
    const [outage] = outagesIn([1_000, mark('fault')], [1_200, mark('fault over')], [10_000, lost]);
    expect(outage?.faultAtMs).toBe(10_000);
  });

  it('belongs to one outage, not to the next', () => {
    const [, second] = outagesIn([9_000, mark('fault')], [10_000, lost], [11_000, healed], [20_000, lost]);
    expect(second?.faultAtMs).toBe(20_000);
  });

  it('is kept through another mark, but not into another session', () => {
    const fault: Entry = [9_000, mark('fault')];
    expect(outagesIn(fault, [9_500, mark('episode 2')], [10_000, lost])[0]?.faultAtMs).toBe(9_000);
    expect(outagesIn(fault, [9_500, SESSION], [10_000, lost])[0]?.faultAtMs).toBe(10_000);
  });

  it('is the last sign of life before a silence', () => {
    const record = moved('connected.steady', 'disconnected', { context: { cause: 'life.silent' } });
    const suspected: RecordBody = {
      kind: 'event',
      machine: 'outage',
      from: 'connection',
      event: { type: 'suspect' },
    };
    expect(outagesIn([10_000, silent(1_200)], [10_000, suspected], [10_000, record])).toEqual([
      { ...OUTAGE, seq: 3, cause: 'life.silent', faultAtMs: 8_800 },
    ]);
  });

  it('is not the silence if something else was noticed', () => {
    expect(outagesIn([10_000, silent(1_200)], [10_000, lost])).toEqual([{ ...OUTAGE, seq: 2 }]);
  });
});

describe('the attempts of an outage', () => {
  const attemptsIn = (...entries: Entry[]) => outagesIn([10_000, lost], ...entries)[0]?.attempts;

  it('are under way until they end', () => {
    expect(attemptsIn([11_000, backoff], [12_000, attempting])).toEqual([ATTEMPT]);
    const answered = moved('restarting.attempting.offered', 'restarting.attempting.answered');
    expect(attemptsIn([12_000, attempting], [13_000, answered])).toEqual([ATTEMPT]);
  });

  it('end once', () => {
    const waiting = moved('restarting.attempting.offered', 'restarting.waiting.backoff');
    const still = moved('restarting.waiting.backoff', 'restarting.waiting.reach');
    expect(attemptsIn([12_000, attempting], [14_000, waiting], [14_500, still])).toEqual([
      { ...ATTEMPT, endedAtMs: 14_000 },
    ]);
  });

  it('follow each other, each with its plan', () => {
    const waiting = moved('restarting.attempting.offered', 'restarting.waiting.backoff');
    const rebuild = { ...PLAN, kind: 'rebuild' as const };
    const again = moved('restarting.waiting.backoff', 'restarting.attempting.offered', {
      context: { plan: rebuild },
    });
    expect(attemptsIn([12_000, attempting], [14_000, waiting], [15_000, again])).toEqual([
      { ...ATTEMPT, endedAtMs: 14_000 },
      { ...ATTEMPT, kind: 'rebuild', startedAtMs: 15_000 },
    ]);
  });

  it('are the peer’s if one of its attempts is joined', () => {
    const joined = moved('disconnected', 'restarting.answering', {
      event: 'remote.restart',
      arrows: [
        { source: 'disconnected', event: 'remote.restart', target: 'restarting' },
        { source: 'restarting', event: 'always', target: 'restarting.answering' },
      ],
    });
    const ended = moved('restarting.answering', 'restarting.waiting.backoff');
    expect(attemptsIn([12_000, joined], [13_000, ended])).toEqual([
      { ...ATTEMPT, by: 'peer', endedAtMs: 13_000 },
    ]);
  });

  it('are ours if another event started them', () => {
    const arrows = [{ source: 'restarting', event: 'xstate.after.backoff.connection.restarting' }];
    const ours = moved('restarting.waiting.backoff', 'restarting.attempting.offered', { arrows });
    expect(attemptsIn([12_000, ours])).toEqual([ATTEMPT]);
  });

  it('are counted from their start if their plan was counted already', () => {
    const begun = moved('restarting.waiting.backoff', 'restarting.attempting.offered', {
      context: { plan: { ...PLAN, isCounted: true } },
    });
    expect(attemptsIn([12_000, begun], [12_500, counted])).toEqual([{ ...ATTEMPT, countedAtMs: 12_000 }]);
  });

  it('are counted once, and only by the count event', () => {
    const learned = { ...counted, event: 'peer.learned' };
    expect(attemptsIn([12_000, attempting], [12_100, learned])).toEqual([ATTEMPT]);
    expect(attemptsIn([12_000, attempting], [12_100, counted], [12_200, counted])).toEqual([
      { ...ATTEMPT, countedAtMs: 12_100 },
    ]);
  });

  it('are not counted while their plan is not', () => {
    const at = 'restarting.attempting.offered';
    const early = moved(at, at, { event: 'attempt.counted', context: { plan: PLAN } });
    const planless = moved(at, at, { event: 'attempt.counted' });
    expect(attemptsIn([12_000, attempting], [12_100, early], [12_200, planless])).toEqual([ATTEMPT]);
  });

  it('are none if a count comes before the first', () => {
    const at = 'restarting.waiting.backoff';
    const early = moved(at, at, {
      event: 'attempt.counted',
      context: { plan: { ...PLAN, isCounted: true } },
    });
    expect(attemptsIn([11_000, early], [11_100, { ...early, event: 'peer.learned' }])).toEqual([]);
    expect(attemptsIn([11_000, moved(at, at, { event: 'attempt.counted' })])).toEqual([]);
  });
});

describe('the path after an outage', () => {
  const pathAfter = (...entries: Entry[]) =>
    outagesIn([1_000, found(DIRECT)], [10_000, lost], ...entries)[0]?.pathAfter;

  it.each([
    [16_000, RELAYED],
    [16_001, null],
  ])('is the one found within 5 s after it: at %d ms', (atMs, path) => {
    expect(pathAfter([11_000, healed], [atMs, found(RELAYED)])).toEqual(path);
  });

  it('is the first that was found', () => {
    expect(pathAfter([11_000, healed], [11_500, found(RELAYED)], [12_000, found(DIRECT)])).toEqual(RELAYED);
    expect(pathAfter([11_000, healed], [11_500, found(null)], [12_000, found(RELAYED)])).toEqual(RELAYED);
  });

  it('is null while the outage lasts, or after a failure', () => {
    expect(pathAfter([11_000, found(RELAYED)])).toBeNull();
    expect(pathAfter([11_000, moved('disconnected', 'failed')], [11_500, found(RELAYED)])).toBeNull();
  });
});
