import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PathInfo } from '../../src/stats/path';
import { watchPath } from '../../src/stats/path-watch';
import { statsOnly, toReport } from './stats-world';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CHANGE = 'selectedcandidatepairchange';

const reportOf = (candidateType: string) =>
  toReport(
    { id: 'P', type: 'candidate-pair', state: 'succeeded', localCandidateId: 'L', remoteCandidateId: 'R' },
    { id: 'L', type: 'local-candidate', candidateType },
    { id: 'R', type: 'remote-candidate', candidateType: 'host' },
  );
const NOTHING_YET = toReport();

/** A connection on a path that changes when the test says so; its ICE transport announces the change with moveTo(). */
function connectionOn(candidateType: string | null) {
  const iceTransport = new EventTarget();
  const state = { looks: 0, report: candidateType === null ? NOTHING_YET : reportOf(candidateType) };
  const stats = statsOnly(() => {
    state.looks += 1;
    return state.report;
  });
  return {
    pc: Object.assign(stats, { sctp: { transport: { iceTransport } } }),
    get looks() {
      return state.looks;
    },
    /** Without an event. */
    turnTo(type: string) {
      state.report = reportOf(type);
    },
    moveTo(type: string) {
      state.report = reportOf(type);
      iceTransport.dispatchEvent(new Event(CHANGE));
    },
  };
}

function startWatching(first: RTCPeerConnection | null) {
  let current = first;
  const found: string[] = [];
  const stop = watchPath(
    () => current,
    ({ connectionType }: PathInfo) => found.push(connectionType),
  );
  return {
    found,
    stop,
    moveOnTo(next: RTCPeerConnection) {
      current = next;
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the path', () => {
  it('is looked up at once, and then every 2 s', async () => {
    const connection = connectionOn('host');
    const { found } = startWatching(connection.pc);
    await pass(1_999);
    expect([found, connection.looks]).toEqual([['direct'], 1]);
    await pass(1);
    expect(connection.looks).toBe(2);
  });

  it('is looked up five times a second until the stats name one, and nothing is reported meanwhile', async () => {
    const connection = connectionOn(null);
    const { found } = startWatching(connection.pc);
    await pass(400);
    expect([found, connection.looks]).toEqual([[], 3]);
    connection.turnTo('relay');
    await pass(200);
    expect(found).toEqual(['relay']);
    await pass(1_999);
    expect(connection.looks).toBe(4);
  });

  it('is looked up as soon as the browser reports a new pair, and the 2 s start again', async () => {
    const connection = connectionOn('host');
    const { found } = startWatching(connection.pc);
    await pass(1_500);
    connection.moveTo('relay');
    await pass(0);
    expect(found).toEqual(['direct', 'relay']);
    await pass(1_999);
    expect(connection.looks).toBe(2);
    await pass(1);
    expect(connection.looks).toBe(3);
  });

  it('is looked up with one timer, however often the pair changes in one task', async () => {
    const connection = connectionOn('host');
    startWatching(connection.pc);
    await pass(100);
    for (const type of ['relay', 'host', 'relay']) connection.moveTo(type);
    await pass(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('is that of the connection that took over, and only its changes count from then on', async () => {
    const [first, second] = [connectionOn('host'), connectionOn('relay')];
    const { found, moveOnTo } = startWatching(first.pc);
    await pass(0);
    moveOnTo(second.pc);
    await pass(2_000);
    expect(found).toEqual(['direct', 'relay']);
    first.moveTo('relay');
    await pass(0);
    expect([first.looks, second.looks]).toEqual([1, 1]);
    second.moveTo('host');
    await pass(0);
    expect(found).toEqual(['direct', 'relay', 'direct']);
  });

  it('is found once there is a connection', async () => {
    const { found, moveOnTo } = startWatching(null);
    await pass(1_000);
    expect(found).toEqual([]);
    moveOnTo(connectionOn('host').pc);
    await pass(200);
    expect(found).toEqual(['direct']);
  });
});

describe('a browser that reports no change', () => {
  it.each([
    ['no SCTP transport', { sctp: undefined }],
    ['no SCTP transport before the descriptions', { sctp: null }],
    ['an SCTP transport without DTLS', { sctp: {} }],
    ['a DTLS transport without ICE', { sctp: { transport: {} } }],
    ['an ICE transport that has no events', { sctp: { transport: { iceTransport: {} } } }],
  ])('is still polled: %s', async (_, transports) => {
    const pc = Object.assign(
      statsOnly(() => reportOf('host')),
      transports,
    ) as RTCPeerConnection;
    const { found, stop } = startWatching(pc);
    await pass(2_000);
    expect(found).toEqual(['direct', 'direct']);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('stopping the watch', () => {
  it('leaves no timer and no listener', async () => {
    const connection = connectionOn('host');
    const { found, stop } = startWatching(connection.pc);
    await pass(0);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    connection.moveTo('relay');
    await pass(10_000);
    expect([found, connection.looks]).toEqual([['direct'], 1]);
  });

  it('discards the result of a lookup that was under way', async () => {
    const { found, stop } = startWatching(connectionOn('host').pc);
    stop();
    await pass(10_000);
    expect([found, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
