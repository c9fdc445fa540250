import { describe, expect, it } from 'vitest';
import type { LinkStatus } from '../src/link';
import { canLeave, type Scene, screenFor } from '../src/screens';
import { createState } from '../src/simulation';

const LINK: LinkStatus = {
  state: 'connected',
  attempt: 0,
  maxAttempts: 3,
  needsServer: false,
  route: 'p2p',
  path: 'direct',
  paused: false,
  forceRelay: false,
};
const PLAYING: Scene = { phase: 'ready', link: LINK, state: createState(), stalledTicks: 0, seat: 0 };

describe('the screen over the arena', () => {
  it('is hidden while the game is played', () => {
    expect(screenFor(PLAYING)).toBeNull();
  });

  it('asks for the second player, with the address to open', () => {
    const link = { ...LINK, route: 'none' } as const;
    expect(screenFor({ ...PLAYING, phase: 'waiting', link, state: null })).toMatchObject({
      title: 'Waiting for the second player',
      share: true,
    });
  });

  it('shows which attempt is under way while the link is lost', () => {
    const link = { ...LINK, paused: true, attempt: 2 };
    expect(screenFor({ ...PLAYING, link })?.text).toContain('Attempt 2 of 3');
  });

  it('leaves a loss to the notices for screen readers, but not that it waits for the server', () => {
    const told = (needsServer: boolean) =>
      screenFor({ ...PLAYING, link: { ...LINK, paused: true, needsServer } })?.hasNotice;
    expect([told(false), told(true)]).toEqual([true, false]);
  });

  it('says that recovery waits for the server, and shows no attempt meanwhile', () => {
    const link = { ...LINK, paused: true, attempt: 1, needsServer: true };
    expect(screenFor({ ...PLAYING, phase: 'unreachable', link })?.text).toBe(
      'The game is paused. The link can recover once the server is reachable again.',
    );
  });

  it('lets a peer-to-peer game continue while the server is out of reach', () => {
    for (const phase of ['unreachable', 'connecting', 'waiting'] as const)
      expect(screenFor({ ...PLAYING, phase })).toBeNull();
    const link = { ...LINK, route: 'socket' } as const;
    expect(screenFor({ ...PLAYING, phase: 'unreachable', link })?.title).toBe('Cannot reach the server');
  });

  it('does not mention a hiccup, but mentions a wait', () => {
    expect(screenFor({ ...PLAYING, stalledTicks: 30 })).toBeNull();
    expect(screenFor({ ...PLAYING, stalledTicks: 90 })?.title).toBe('Waiting for the other player');
  });

  it.each([
    ['game-full', 'new-game'],
    ['seat-taken', 'other-seat'],
    ['replaced', 'reload'],
    ['refused', 'reload'],
    ['left', 'reload'],
  ] as const)('offers a way out, but not to leave, if there is no seat: %s', (phase, go) => {
    expect(screenFor({ ...PLAYING, phase })?.action?.go).toBe(go);
    expect([canLeave(phase), canLeave('waiting'), canLeave('ready')]).toEqual([false, true, true]);
  });

  it('names the winner after the blast', () => {
    const over = { ...createState([1, 0]), phase: 'over', phaseFrames: 30, lastWinner: 0 } as const;
    const state = { ...createState(), ...over, wins: [1, 0] as [number, number] };
    expect(screenFor({ ...PLAYING, state })?.title).toBe('You win the round');
    expect(screenFor({ ...PLAYING, state, seat: 1 })?.title).toBe('Blue wins the round');
    expect(screenFor({ ...PLAYING, state: { ...state, phaseFrames: 105 } })).toBeNull();
  });
});
