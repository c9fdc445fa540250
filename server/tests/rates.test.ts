import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listen } from './fake-connection';

const KIBIBYTE = 1024;
const times = (count: number, act: () => void) => {
  for (let n = 0; n < count; n += 1) act();
};

describe('one socket', () => {
  it.each([
    ['game_data', 1_800, 180],
    ['webrtc_signal', 400, 50],
    ['holdfast_inspect', 60, 10],
    ['holdfast_watch', 60, 10],
    ['join_game', 20, 1],
    ['p2p_health_report', 100, 5],
    ['holdfast_ping', 200, 20],
  ])('may send %s %i times at once, and %i times a second', async (event, atOnce, perSecond) => {
    const { conn, clock, intake } = listen();
    const servedOf = async (count: number) => {
      conn.say(...Array(count).fill(`2["${event}"]`));
      while (intake.isWaiting) await turn();
      return conn.parsed.splice(0).length;
    };
    expect(await servedOf(atOnce + 10)).toBe(atOnce);
    clock.nowMs += 1_000;
    expect(await servedOf(perSecond + 10)).toBe(perSecond);
  });

  it('may send two MiB at once, and 256 KiB a second', () => {
    const { conn, clock, evicted } = listen();
    conn.transport.onData('x'.repeat(2_048 * KIBIBYTE));
    clock.nowMs += 1_000;
    conn.transport.onData('x'.repeat(256 * KIBIBYTE));
    expect(evicted).toEqual([]);
    conn.transport.onData('x');
    expect(evicted).toEqual(['data rate exceeded']);
  });

  it('may be refused five thousand times at once, and sixty times a second', () => {
    const { intake, clock, evicted } = listen();
    const refuse = () => intake.countRefusal();
    times(5_000, refuse);
    clock.nowMs += 1_000;
    times(60, refuse);
    expect(evicted).toEqual([]);
    refuse();
    expect(evicted).toEqual(['too many refused messages']);
  });

  it('may send a thousand packets that are not messages at once, and a hundred a second', () => {
    const { conn, clock, evicted } = listen();
    const answer = () => conn.emit('packet', { type: 'pong' });
    times(1_000, answer);
    clock.nowMs += 1_000;
    times(100, answer);
    times(100, () => conn.emit('packet', { type: 'message' }));
    expect(evicted).toEqual([]);
    answer();
    expect(evicted).toEqual(['too many packets that are not messages']);
  });
});
