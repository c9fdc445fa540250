import { OVER_FRAMES } from './arena';
import type { LinkStatus } from './link';
import type { SessionPhase } from './session';
import type { DuelState, Seat } from './simulation';

/** What lies over the arena: always what is the matter and what to do about it. */
export interface Screen {
  readonly title: string;
  readonly text: string;
  /** Shows the address for the second window. */
  readonly share?: boolean;
  /** A notice says as much: nobody is to hear it twice. */
  readonly isNoticed?: boolean;
  readonly action?: { readonly label: string; readonly go: 'reload' | 'new-game' | 'other-seat' };
}

export interface Scene {
  readonly phase: SessionPhase;
  readonly link: LinkStatus;
  readonly state: DuelState | null;
  readonly stalledTicks: number;
  readonly seat: Seat | null;
}

/** Half a second of waiting is a hiccup; from a second on the player wants to know. */
const STALL_TOLD_TICKS = 60;
/** The blast is seen before the verdict is read. */
const BLAST_FRAMES = 40;
export const NAMES = ['Blue', 'Orange'] as const;

export function screenFor(scene: Scene): Screen | null {
  return sessionScreen(scene) ?? linkScreen(scene) ?? roundScreen(scene);
}

/** A game that is played from page to page does not need the server. */
const NEEDS_SERVER: ReadonlySet<SessionPhase> = new Set(['unreachable', 'reaching', 'waiting']);

/** Who has no seat, or none any more, has none to leave. */
export const canLeave = (phase: SessionPhase): boolean => phase === 'ready' || NEEDS_SERVER.has(phase);

function sessionScreen({ phase, link }: Scene): Screen | null {
  if (link.route === 'p2p' && NEEDS_SERVER.has(phase)) return null;
  switch (phase) {
    case 'game-full':
      return {
        title: 'This game has two players',
        text: 'A seat stays reserved for two minutes after its player goes. You can start a game of your own.',
        action: { label: 'Start a new game', go: 'new-game' },
      };
    case 'seat-taken':
      return {
        title: 'This seat is taken',
        text: 'Somebody plays on it already. The other one may be free.',
        action: { label: 'Take the other seat', go: 'other-seat' },
      };
    case 'replaced':
      return {
        title: 'The server closed this connection',
        text: 'Most likely the same seat was opened in another window; the game goes on there.',
        action: { label: 'Play here', go: 'reload' },
      };
    case 'refused':
      return {
        title: 'The server could not take you in',
        text: 'It is busy, or did not answer in time.',
        action: { label: 'Try again', go: 'reload' },
      };
    case 'left':
      return {
        title: 'You left the game',
        text: 'Your seat is kept for two minutes.',
        action: { label: 'Come back', go: 'reload' },
      };
    case 'unreachable':
      return {
        title: 'The server cannot be reached',
        text: 'Trying again by itself. If it is your server, see that it runs.',
      };
    case 'reaching':
      return link.route === 'none' ? { title: 'Reaching the server…', text: 'This takes a moment.' } : null;
    case 'waiting':
      return {
        title: 'Waiting for the second player',
        text: 'Open this address in a second window, or send it to somebody.',
        share: true,
      };
    case 'ready':
      return null;
  }
}

function linkScreen({ link, state, stalledTicks }: Scene): Screen | null {
  if (link.paused) {
    const attempt = link.attempt > 0 ? ` Attempt ${link.attempt} of ${link.maxAttempts}.` : '';
    return {
      title: 'Connection lost',
      text: link.needsServer
        ? 'The game is paused. The link cannot recover without the server, and waits for it.'
        : `The game is paused while the link recovers.${attempt}`,
      isNoticed: !link.needsServer,
    };
  }
  if (link.route === 'none') {
    return { title: 'Connecting…', text: 'Both players are here; looking for a path between them.' };
  }
  if (state === null || stalledTicks > STALL_TOLD_TICKS) {
    return {
      title: 'Waiting for the other player',
      text: 'The game goes on when they are back. A hidden tab stands still: use two windows.',
      share: true,
    };
  }
  return null;
}

function roundScreen({ state, seat }: Scene): Screen | null {
  if (state?.phase !== 'over' || state.phaseFrames > OVER_FRAMES - BLAST_FRAMES) return null;
  const { lastWinner } = state;
  if (lastWinner === null) return { title: 'Draw', text: 'Both ships are down.' };
  return {
    title: lastWinner === seat ? 'You win the round' : `${NAMES[lastWinner]} wins the round`,
    text: 'The next one begins at once.',
  };
}
