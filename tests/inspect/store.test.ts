import type { RecordBody, SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { RecordStore } from '../../src/inspect/store';
import { DIRECT, mark, moved, RELAYED, SESSION, toldOutage, written } from './written';

const up = moved('checking', 'connected');

/** What a store for three keeps of the records with these bodies. */
function kept(...bodies: RecordBody[]) {
  const store = new RecordStore(3);
  for (const record of written(...bodies.map((body): [number, RecordBody] => [0, body]))) store.add(record);
  return { seqs: store.all.map(({ seq }: SessionRecord) => seq), dropped: store.dropped };
}
const marks = (count: number) => Array.from({ length: count }, () => mark('m'));

describe('a store of three records', () => {
  it.each([
    [0, [], 0],
    [1, [1], 0],
    [3, [1, 2, 3], 0],
    [4, [2, 3, 4], 1],
    [6, [4, 5, 6], 3],
    [8, [6, 7, 8], 5],
  ])('keeps the newest of %d', (count, seqs, dropped) => {
    expect(kept(...marks(count))).toEqual({ seqs, dropped });
  });

  it('keeps the session to which its records belong', () => {
    expect(kept(SESSION, ...marks(2))).toEqual({ seqs: [1, 2, 3], dropped: 0 });
    expect(kept(SESSION, ...marks(5))).toEqual({ seqs: [1, 4, 5, 6], dropped: 2 });
  });

  it('keeps the last transition of each machine of that session', () => {
    expect(kept(SESSION, up, toldOutage('opened', 'none'), up, ...marks(4))).toEqual({
      seqs: [1, 3, 4, 6, 7, 8],
      dropped: 2,
    });
  });

  it('keeps the last path of that session, found or lost', () => {
    const found = (path: typeof DIRECT | null): RecordBody => ({ kind: 'path', path });
    expect(kept(SESSION, found(DIRECT), found(RELAYED), ...marks(3)).seqs).toEqual([1, 3, 4, 5, 6]);
    expect(kept(SESSION, found(DIRECT), found(null), ...marks(3)).seqs).toEqual([1, 3, 4, 5, 6]);
    expect(kept(SESSION, found(DIRECT), SESSION, ...marks(3)).seqs).toEqual([3, 4, 5, 6]);
  });

  describe('whose records start inside an outage', () => {
    const silent: RecordBody = {
      kind: 'event',
      machine: 'connection',
      from: 'heartbeat',
      event: { type: 'life.silent', silentForMs: 1_000 },
    };
    const lost: RecordBody = { kind: 'announcement', announcement: { type: 'lost' } };
    const fall = moved('connected.steady', 'disconnected');
    const later = moved('disconnected', 'restarting.waiting.backoff');
    const opening = [mark('fault: cut'), silent, toldOutage('none', 'pending'), fall, lost];

    it('keeps its fault, its event, its first transition, and that it was announced', () => {
      expect(kept(...opening, later, mark('episode 2'), ...marks(3))).toEqual({
        seqs: [1, 2, 3, 4, 5, 6, 8, 9, 10],
        dropped: 1,
      });
    });

    it('keeps no fault that was over before, and none that came later', () => {
      const over = [mark('fault: cut'), mark('fault over')];
      expect(kept(...over, fall, mark('fault: another'), ...marks(3)).seqs).toEqual([3, 5, 6, 7]);
    });

    it('keeps a fault through what happens while the link is up', () => {
      const renewed = moved('connected.steady', 'connected.renewing');
      expect(kept(mark('fault: cut'), mark('episode 2'), renewed, fall, ...marks(3)).seqs).toEqual([
        1, 4, 5, 6, 7,
      ]);
    });

    it("keeps the event that the link received, and not the outage machine's event for it", () => {
      const suspected: RecordBody = {
        kind: 'event',
        machine: 'outage',
        from: 'connection',
        event: { type: 'suspected' },
      };
      expect(kept(silent, suspected, fall, ...marks(3)).seqs).toEqual([1, 3, 4, 5, 6]);
    });

    it('keeps none of it once another session has started', () => {
      expect(kept(...opening, SESSION, ...marks(3)).seqs).toEqual([6, 7, 8, 9]);
    });

    it.each(['connected.steady', 'failed', 'closed'])('keeps none of it once that is over: %s', (to) => {
      expect(kept(...opening, moved('restarting.waiting.backoff', to), ...marks(3)).seqs).toEqual([
        3, 6, 7, 8, 9,
      ]);
    });
  });

  it('returns no record twice', () => {
    expect(kept(SESSION, up, ...marks(1), up)).toEqual({ seqs: [1, 2, 3, 4], dropped: 0 });
    expect(kept(SESSION, toldOutage('opened', 'none'), ...marks(2), up)).toEqual({
      seqs: [1, 2, 3, 4, 5],
      dropped: 0,
    });
  });

  it('keeps a session only as long as one of its records', () => {
    expect(kept(SESSION, ...marks(2), SESSION, ...marks(1))).toEqual({ seqs: [1, 3, 4, 5], dropped: 1 });
    expect(kept(SESSION, ...marks(2), SESSION, ...marks(2))).toEqual({ seqs: [4, 5, 6], dropped: 3 });
    expect(kept(SESSION, ...marks(2), SESSION, ...marks(4))).toEqual({ seqs: [4, 6, 7, 8], dropped: 4 });
    expect(kept(SESSION, mark('m'), SESSION, mark('m'), SESSION, ...marks(3))).toEqual({
      seqs: [5, 6, 7, 8],
      dropped: 4,
    });
  });

  it('forgets the transitions of a session that is over', () => {
    expect(kept(SESSION, up, toldOutage('opened', 'none'), SESSION, ...marks(3))).toEqual({
      seqs: [4, 5, 6, 7],
      dropped: 3,
    });
  });
});
