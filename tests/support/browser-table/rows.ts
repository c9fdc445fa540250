import {
  BLACK_HOLE,
  both,
  CLOSED,
  CLOSED_TAB,
  FLOOD,
  FOR_GOOD,
  GLARE,
  INTO_DEATH,
  LIVING,
  NAVIGATION,
  NO_CANDIDATE,
  RELAYED,
  type Row,
  row,
  SIDE,
  STIRRED,
  SUSPECT,
  UNDER_TRAFFIC,
} from './table';

/** A second of play and more is a burst; on a busy machine fewer are sent than the twelve seconds would hold. */
const burst = (stale: number) => (stale > 60 ? 'a burst' : 'hardly any');

/** A browser that a row does not name may do either: Chromium shows `checking` on a restart of a suspect link, or not. */
export const ROWS: readonly Row[] = [
  // An outage.
  row(
    FOR_GOOD,
    'a silent cut is told at both ends, as disconnected and then as failed',
    (seen) => seen.shown,
    both(['disconnected', 'failed']),
  ),
  row(FOR_GOOD, 'iceConnectionState says failed, or never', ({ atFailed }) => atFailed, {
    chromium: { ice: 'disconnected', sctp: 'connected', channel: 'open' },
    firefox: { ice: 'failed', sctp: 'closed', channel: 'closed' },
  }),
  row('a cut one way', 'a cut one way is told at both ends', (seen) => seen.shown, both(['disconnected'])),
  row('a short cut', 'an outage of three seconds shows no event', (seen) => seen.shown, both([])),
  row(
    UNDER_TRAFFIC,
    'heals by itself, with its channel',
    ({ shown, channel }) => ({ shown, channel }),
    both({ shown: ['disconnected', 'connected'], channel: 'open' }),
  ),
  row(
    UNDER_TRAFFIC,
    'maxRetransmits: 0 keeps what was sent meanwhile for one burst',
    (seen) => burst(seen.stale.game),
    both('a burst'),
  ),
  row(UNDER_TRAFFIC, 'maxPacketLifeTime drops it, or not', (seen) => burst(seen.stale.dated), {
    chromium: 'hardly any',
    firefox: 'a burst',
  }),
  // A restart.
  row(
    FOR_GOOD,
    'a restart after failed brings the connection back, and the channel where it survived',
    (seen) => seen.after,
    {
      chromium: { connection: 'connected', channel: 'open' },
      firefox: { connection: 'connected', channel: 'closed' },
    },
  ),
  row(FOR_GOOD, 'a new channel on that connection opens, or is born closed', (seen) => seen.laterChannel, {
    chromium: 'open',
    firefox: 'closed',
  }),
  row(
    FOR_GOOD,
    'a restart after failed says disconnected before connected, or not',
    ({ shownOnRestart }) => shownOnRestart.map((states) => states.includes('disconnected')),
    { chromium: [true, true], firefox: [false, false] },
  ),
  row(
    INTO_DEATH,
    'a restart into the dead network ends failed, in its own words',
    ({ shown, channel }) => ({ shown, channel }),
    {
      chromium: { shown: [], channel: 'open' },
      firefox: { shown: ['checking', 'failed'], channel: 'closed' },
    },
  ),
  row(SUSPECT, 'a restart of a suspect link shows checking', (seen) => seen.shown, {
    firefox: ['checking', 'connected'],
  }),
  row(SUSPECT, 'a restart of a suspect link keeps its channel', (seen) => seen.channel, both('open')),
  row(LIVING, 'a restart of a living link shows nothing', (seen) => seen.shownOnRestart, both([])),
  row(
    'a restart offered by the answerer',
    'the answerer may restart as well',
    (seen) => seen,
    both({ ice: [], channel: 'open' }),
  ),
  row(
    GLARE,
    'of two restarts at once one yields by an implicit rollback',
    (seen) => seen,
    both({
      winner: ['have-local-offer', 'stable'],
      yielding: ['have-local-offer', 'stable', 'have-remote-offer', 'stable'],
      ice: [],
    }),
  ),
  row(
    'descriptions out of turn',
    'an answer to nobody, and an offer to who has offered, are refused',
    (seen) => seen,
    both(Array(3).fill('InvalidStateError')),
  ),
  row(
    STIRRED,
    'offers that are taken back at once keep the old generation from failing, or not',
    ({ shown, after }) => ({ shown, after }),
    {
      chromium: { shown: ['disconnected'], after: { connection: 'connected', channel: 'open' } },
      firefox: { shown: ['disconnected', 'failed'], after: { connection: 'failed', channel: 'closed' } },
    },
  ),
  row(
    'a cut through which one end stirs ICE',
    'an end that failed hears the other that did not, and is not heard',
    (seen) => seen,
    {
      chromium: {
        shown: [
          ['disconnected', 'connected'],
          ['disconnected', 'failed', 'disconnected'],
        ],
        hears: [false, true],
      },
      firefox: {
        shown: [
          ['disconnected', 'failed'],
          ['disconnected', 'failed'],
        ],
        hears: [false, false],
      },
    },
  ),
  row(
    RELAYED,
    'a restart in place finds the relay where the direct path is blocked',
    ({ before, after }) => ({ before, after }),
    both({ before: false, after: true }),
  ),
  // A birth.
  row(
    LIVING,
    'a first connect shows checking and connected',
    (seen) => seen.shown,
    both(['checking', 'connected']),
  ),
  row(
    LIVING,
    'a channel of the other end is open when it is announced, and says so again',
    (seen) => seen.announcedOpens,
    both(['open', 'open']),
  ),
  row(
    BLACK_HOLE,
    'a first connect into a black hole ends failed, in its own words',
    ({ shown, at }) => ({ shown, at }),
    {
      chromium: { shown: ['checking', 'disconnected'], at: { sctp: 'connecting', channel: 'connecting' } },
      firefox: { shown: ['checking', 'failed'], at: { sctp: 'closed', channel: 'closed' } },
    },
  ),
  row(NO_CANDIDATE, 'without a candidate of the peer it stays new, or fails', (seen) => seen.shown, {
    chromium: [],
    firefox: ['failed'],
  }),
  row(
    'relays only, and none there',
    'without a candidate of its own it stays new, or fails',
    (seen) => seen,
    {
      chromium: { shown: [], candidates: 0 },
      firefox: { shown: ['failed'], candidates: 0 },
    },
  ),
  row(
    'a relay that refuses',
    'a refused allocation is told with its code',
    (seen) => seen,
    both({ candidates: 0, errors: [401] }),
  ),
  // Statistics.
  row(LIVING, 'the transport names the selected pair', (seen) => seen.atFirst.isNamedByTransport, both(true)),
  row(LIVING, 'candidate-pair.selected', (seen) => seen.atFirst.saysSelected, {
    chromium: false,
    firefox: true,
  }),
  row(LIVING, 'RTCIceTransport.getSelectedCandidatePair', (seen) => seen.atFirst.isToldByIceTransport, {
    chromium: true,
    firefox: false,
  }),
  row(LIVING, 'selectedcandidatepairchange', (seen) => seen.tellsPair, { chromium: true, firefox: false }),
  row(
    LIVING,
    'several pairs say nominated and succeeded after a restart',
    (seen) => seen.nominatedAfterRestart > 1,
    { chromium: true, firefox: false },
  ),
  row(LIVING, 'currentRoundTripTime is measured again', (seen) => seen.followsDelay, both(true)),
  row(LIVING, 'maxMessageSize', (seen) => seen.maxMessageSize, { chromium: 262_144, firefox: 1_073_741_823 }),
  // An end.
  row(
    CLOSED,
    'a connection that the other end closes loses its channel first',
    (seen) => seen.sign,
    both('game closed'),
  ),
  row(CLOSED_TAB, 'a closed tab is told by the channel, or found by ICE', (seen) => seen.sign, {
    chromium: 'ice disconnected',
    firefox: 'game closed',
  }),
  row(NAVIGATION, 'a page that is left loses its channel', (seen) => seen.sign, both('game closed')),
  // Channels.
  row(
    SIDE,
    'a negotiated channel on one side announces nothing, and leaves the game’s alone',
    ({ announced, onGame }) => ({ announced, onGame }),
    both({ announced: ['game'], onGame: ['as ever'] }),
  ),
  row(SIDE, 'what is sent on it too early is lost, or kept', (seen) => seen.onSide, {
    chromium: ['late'],
    firefox: ['early', 'late'],
  }),
  row(
    'what waits to be sent',
    'what is sent waits in bytes, and bufferedamountlow tells once that it falls to the threshold',
    (seen) => seen,
    both({ waits: 120, lows: [true] }),
  ),
  row(FLOOD, 'a message above the limit, and a full buffer, are refused by name', (seen) => seen, {
    chromium: { oversized: 'TypeError', largest: 'sent', flood: 'OperationError', channel: 'open' },
    firefox: { oversized: 'not tried', largest: 'not tried', flood: 'sent', channel: 'open' },
  }),
];
