import { expect, it } from 'vitest';
import { Handshake } from '../src/handshake';

const open = (seat: 0 | 1, random: number) => new Handshake(seat, () => random);
const NO_WINS = [0, 0] as const;

it('agrees on one match at both ends, each once it knows that the other has received its hello', () => {
  const [one, two] = [open(0, 0.1), open(1, 0.2)];
  const unheard = one.hello;
  expect(two.receive(unheard, NO_WINS)).toEqual({ renewed: true, agreed: null });
  const first = one.receive(two.hello, NO_WINS);
  const second = two.receive(one.hello, NO_WINS);
  expect(first).toEqual({ renewed: true, agreed: { match: expect.any(Number), wins: NO_WINS } });
  expect(second).toEqual({ renewed: false, agreed: first.agreed });
});

it('agrees on the highest score that either end remembers for each player', () => {
  const [one, two] = [open(0, 0.1), open(1, 0.2)];
  two.receive(one.hello, [1, 4]);
  one.receive(two.hello, [3, 2]);
  expect(two.receive(one.hello, NO_WINS).agreed?.wins).toEqual([3, 4]);
});

it('ignores what a page sent before its reload, however late, and what it sent itself', () => {
  const [one, before, after] = [open(0, 0.1), open(1, 0.2), open(1, 0.3)];
  one.receive(before.hello, NO_WINS);
  before.receive(one.hello, NO_WINS);
  expect(one.receive(after.hello, NO_WINS).renewed).toBe(true);
  for (const late of [before.hello, one.hello])
    expect(one.receive(late, NO_WINS)).toEqual({ renewed: false, agreed: null });
  after.receive(one.hello, NO_WINS);
  expect(one.receive(after.hello, NO_WINS).agreed).not.toBeNull();
});

it('starts another match after the games have drifted apart, with the current score', () => {
  const randoms = [0.1, 0.4];
  const [one, two] = [new Handshake(0, () => randoms.shift() ?? 0), open(1, 0.2)];
  two.receive(one.hello, NO_WINS);
  const first = one.receive(two.hello, NO_WINS).agreed;
  one.restart([2, 1]);
  expect(two.receive(one.hello, NO_WINS).renewed).toBe(true);
  const second = one.receive(two.hello, NO_WINS).agreed;
  expect(second?.wins).toEqual([2, 1]);
  expect(second?.match).not.toBe(first?.match);
});

it('never gives its session the number 0, which means that none is known', () => {
  expect(open(0, 0).hello).toEqual({ kind: 'hello', session: 1, peer: 0, wins: [0, 0] });
  expect([open(0, 0).hello.session, open(0, 1 - 2 ** -53).hello.session]).toEqual([1, 0xffff_ffff]);
});
