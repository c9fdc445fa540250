import { OVER_FRAMES } from './arena';
import type { LinkStatus } from './link';
import type { SessionPhase } from './session';
import type { DuelState, Seat } from './simulation';

/** The message over the arena: what has happened, and what to do about it. */
export interface Screen {
  readonly title: string;
  readonly text: string;
  /** Shows the address for the second window. */
  readonly share?: boolean;
  /** A notice says the same, so a screen reader must not announce it twice. */
  readonly hasNotice?: boolean;
  readonly action?: { readonly label: string; readonly go: 'reload' | 'new-game' | 'other-seat' };
}

export interface Scene {
  readonly phase: SessionPhase;
  readonly link: LinkStatus;
  readonly state: DuelState | null;
  readonly stalledTicks: number;
  readonly seat: Seat | null;
}

/** A wait of half a second is a hiccup; after a second the player wants to know. */
const STALL_NOTICE_TICKS = 60;
/** The explosion is shown before the result. */
const BLAST_FRAMES = 40;
export const NAMES = ['Blue', 'Orange'] as const;

export function screenFor(scene: Scene): Screen | null {
  return sessionScreen(scene) ?? linkScreen(scene) ?? roundScreen(scene);
}

/** Phases in which only a peer-to-peer game can be played. */
const NEEDS_SERVER: ReadonlySet<SessionPhase> = new Set(['unreachable', 'connecting', 'waiting']);

/** Whether there is a seat to leave. */
export const canLeave = (phase: SessionPhase): boolean => phase === 'ready' || NEEDS_SERVER.has(phase);

function sessionScreen({ phase, link }: Scene): Screen | null {
  if (link.route === 'p2p' && NEEDS_SERVER.has(phase)) return null;
  switch (phase) {
    case 'game-full':
      return {
        title: 'This game is full',
        text: 'Both seats are taken. A seat stays reserved for two minutes after its player leaves.',
        action: { label: 'Start a new game', go: 'new-game' },
      };
    case 'seat-taken':
      return {
        title: 'This seat is taken',
        text: 'Another player has it. The other seat may be free.',
        action: { label: 'Take the other seat', go: 'other-seat' },
      };
    case 'replaced':
      return {
        title: 'The server closed this connection',
        text: 'Your seat was probably opened in another window. The game continues there.',
        action: { label: 'Play here', go: 'reload' },
      };
    case 'refused':
      return {
        title: 'Could not join the game',
        text: 'The server is busy or did not answer in time.',
        action: { label: 'Try again', go: 'reload' },
      };
    case 'left':
      return {
        title: 'You left the game',
        text: 'Your seat is kept for two minutes.',
        action: { label: 'Rejoin', go: 'reload' },
      };
    case 'unreachable':
      return {
        title: 'Cannot reach the server',
        text: 'Trying again automatically. If it is your server, check that it is running.',
      };
    case 'connecting':
      return link.route === 'none'
        ? { title: 'Connecting to the server…', text: 'This takes a moment.' }
        : null;
    case 'waiting':
      return {
        title: 'Waiting for the second player',
        text: 'Open this address in a second window, or send it to someone.',
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
        ? 'The game is paused. The link can recover once the server is reachable again.'
        : `The game is paused while the link recovers.${attempt}`,
      hasNotice: !link.needsServer,
    };
  }
  if (link.route === 'none') {
    return { title: 'Connecting…', text: 'Both players are here. Looking for a path between them.' };
  }
  if (state === null || stalledTicks > STALL_NOTICE_TICKS) {
    return {
      title: 'Waiting for the other player',
      text: 'The game continues when they are back. A hidden tab is paused: use two windows.',
      share: true,
    };
  }
  return null;
}

function roundScreen({ state, seat }: Scene): Screen | null {
  if (state?.phase !== 'over' || state.phaseFrames > OVER_FRAMES - BLAST_FRAMES) return null;
  const { lastWinner } = state;
  if (lastWinner === null) return { title: 'Draw', text: 'Both ships were destroyed.' };
  return {
    title: lastWinner === seat ? 'You win the round' : `${NAMES[lastWinner]} wins the round`,
    text: 'The next round starts in a moment.',
  };
}
