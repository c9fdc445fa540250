import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { newestOf, recordSuccessor } from '../../src/peer/lineage';

const connection = () => ({}) as RTCPeerConnection;

it('leads from any connection to its newest successor', () => {
  const [first, second, third] = [connection(), connection(), connection()];
  expect(newestOf(first)).toBe(first);
  recordSuccessor(first, second);
  recordSuccessor(second, third);
  expect([first, second, third].map(newestOf)).toEqual([third, third, third]);
});

it('keeps no connection alive between the one that a caller holds and the newest', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const first = connection();
  let newest = first;
  const between: WeakRef<RTCPeerConnection>[] = [];
  for (let count = 0; count < 10; count += 1) {
    const next = connection();
    recordSuccessor(newest, next);
    if (newest !== first) between.push(new WeakRef(newest));
    newest = next;
  }
  // A WeakRef keeps its target alive until the task ends in which it was read.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(between.filter((each) => each.deref() !== undefined)).toEqual([]);
  expect(newestOf(first)).toBe(newest);
});
