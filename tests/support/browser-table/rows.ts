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

/** More than a second of play is a burst; a busy machine sends fewer messages than twelve seconds would hold. */
const burst = (stale: number) => (stale > 60 ? 'a burst' : 'hardly any');

/** A browser that a row does not name may do either: Chromium shows `checking` on a restart of a suspect link, or not. */
export const ROWS: readonly Row[] = [
  // An outage.
  row(
    FOR_GOOD,
    'reports a silent cut at both ends, as disconnected and then as failed',
    (seen) => seen.shown,
    both(['disconnected', 'failed']),
  ),
  row(FOR_GOOD, 'says failed in iceConnectionState, or not', ({ atFailed }) => atFailed, {
    chromium: { ice: 'disconnected', sctp: 'connected', channel: 'open' },
    firefox: { ice: 'failed', sctp: 'closed', channel: 'closed' },
  }),
  row('a cut one way', 'reports a cut one way at both ends', (seen) => seen.shown, both(['disconnected'])),
  row('a short cut', 'fires no event in an outage of three seconds', (seen) => seen.shown, both([])),
  row(
    UNDER_TRAFFIC,
    'heals by itself, with its channel',
    ({ shown, channel }) => ({ shown, channel }),
    both({ shown: ['disconnected', 'connected'], channel: 'open' }),
  ),
  row(
    UNDER_TRAFFIC,
    'keeps what was sent meanwhile for one burst with maxRetransmits: 0',
    (seen) => burst(seen.stale.game),
    both('a burst'),
  ),
  row(UNDER_TRAFFIC, 'drops old messages with maxPacketLifeTime, or not', (seen) => burst(seen.stale.dated), {
    chromium: 'hardly any',
    firefox: 'a burst',
  }),
  // A restart.
  row(
    FOR_GOOD,
    'gets the connection back by a restart after failed, and the channel if it survived',
    (seen) => seen.after,
    {
      chromium: { connection: 'connected', channel: 'open' },
      firefox: { connection: 'connected', channel: 'closed' },
    },
  ),
  row(FOR_GOOD, 'opens a later channel after failed, or makes it closed', (seen) => seen.laterChannel, {
    chromium: 'open',
    firefox: 'closed',
  }),
  row(
    FOR_GOOD,
    'says disconnected before connected in a restart after failed, or not',
    ({ shownOnRestart }) => shownOnRestart.map((states) => states.includes('disconnected')),
    { chromium: [true, true], firefox: [false, false] },
  ),
  row(
    INTO_DEATH,
    'fails, in its own states, after a restart into the dead network',
    ({ shown, channel }) => ({ shown, channel }),
    {
      chromium: { shown: [], channel: 'open' },
      firefox: { shown: ['checking', 'failed'], channel: 'closed' },
    },
  ),
  row(SUSPECT, 'shows checking in a restart of a suspect link', (seen) => seen.shown, {
    firefox: ['checking', 'connected'],
  }),
  row(SUSPECT, 'keeps its channel in a restart of a suspect link', (seen) => seen.channel, both('open')),
  row(LIVING, 'shows nothing in a restart of a live link', (seen) => seen.shownOnRestart, both([])),
  row(
    'a restart offered by the answerer',
    'lets the answerer restart as well',
    (seen) => seen,
    both({ ice: [], channel: 'open' }),
  ),
  row(
    GLARE,
    'lets one of two restarts at once yield by an implicit rollback',
    (seen) => seen,
    both({
      winner: ['have-local-offer', 'stable'],
      yielding: ['have-local-offer', 'stable', 'have-remote-offer', 'stable'],
      ice: [],
    }),
  ),
  row(
    'descriptions out of turn',
    'refuses an answer without an offer, and an offer while one of the peer is pending',
    (seen) => seen,
    both(Array(3).fill('InvalidStateError')),
  ),
  row(
    STIRRED,
    'keeps the old generation alive by offers that are taken back at once, or not',
    ({ shown, after }) => ({ shown, after }),
    {
      chromium: { shown: ['disconnected'], after: { connection: 'connected', channel: 'open' } },
      firefox: { shown: ['disconnected', 'failed'], after: { connection: 'failed', channel: 'closed' } },
    },
  ),
  row(
    'a cut through which one end stirs ICE',
    'lets an end that failed hear the other, but not be heard, or fails at both ends',
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
    'finds the relay by a restart in place when the direct path is blocked',
    ({ before, after }) => ({ before, after }),
    both({ before: false, after: true }),
  ),
  // A first connect.
  row(
    LIVING,
    'shows checking and connected in a first connect',
    (seen) => seen.shown,
    both(['checking', 'connected']),
  ),
  row(
    LIVING,
    'announces a channel of the other end that is already open, and fires open again',
    (seen) => seen.announcedOpens,
    both(['open', 'open']),
  ),
  row(
    BLACK_HOLE,
    'fails, in its own states, after a first connect into a black hole',
    ({ shown, at }) => ({ shown, at }),
    {
      chromium: { shown: ['checking', 'disconnected'], at: { sctp: 'connecting', channel: 'connecting' } },
      firefox: { shown: ['checking', 'failed'], at: { sctp: 'closed', channel: 'closed' } },
    },
  ),
  row(NO_CANDIDATE, 'stays in new without a candidate of the peer, or fails', (seen) => seen.shown, {
    chromium: [],
    firefox: ['failed'],
  }),
  row(
    'relays only, and none there',
    'stays in new without any candidate of its own, or fails',
    (seen) => seen,
    {
      chromium: { shown: [], candidates: 0 },
      firefox: { shown: ['failed'], candidates: 0 },
    },
  ),
  row(
    'a relay that refuses',
    'reports a refused allocation with its code',
    (seen) => seen,
    both({ candidates: 0, errors: [401] }),
  ),
  // Statistics.
  row(LIVING, 'names the pair in the transport stats', (seen) => seen.atFirst.isNamedByTransport, both(true)),
  row(LIVING, 'has candidate-pair.selected, or not', (seen) => seen.atFirst.saysSelected, {
    chromium: false,
    firefox: true,
  }),
  row(LIVING, 'has getSelectedCandidatePair, or not', (seen) => seen.atFirst.isToldByIceTransport, {
    chromium: true,
    firefox: false,
  }),
  row(LIVING, 'selectedcandidatepairchange', (seen) => seen.tellsPair, { chromium: true, firefox: false }),
  row(
    LIVING,
    'says nominated and succeeded for several pairs after a restart, or not',
    (seen) => seen.nominatedAfterRestart > 1,
    { chromium: true, firefox: false },
  ),
  row(LIVING, 'measures currentRoundTripTime again', (seen) => seen.followsDelay, both(true)),
  row(LIVING, 'maxMessageSize', (seen) => seen.maxMessageSize, { chromium: 262_144, firefox: 1_073_741_823 }),
  // An end.
  row(
    CLOSED,
    'loses the channel first when the other end closes its connection',
    (seen) => seen.sign,
    both('game closed'),
  ),
  row(CLOSED_TAB, 'notices a closed tab by the channel, or by ICE', (seen) => seen.sign, {
    chromium: 'ice disconnected',
    firefox: 'game closed',
  }),
  row(NAVIGATION, 'loses its channel when the peer navigates', (seen) => seen.sign, both('game closed')),
  // Channels.
  row(
    SIDE,
    'announces no channel that is negotiated on one side only, and keeps the game’s',
    ({ announced, onGame }) => ({ announced, onGame }),
    both({ announced: ['game'], onGame: ['as ever'] }),
  ),
  row(SIDE, 'loses what is sent on a one-sided channel, or keeps it', (seen) => seen.onSide, {
    chromium: ['late'],
    firefox: ['early', 'late'],
  }),
  row(
    'what waits to be sent',
    'counts what waits to be sent in bytes, and fires bufferedamountlow once at the threshold',
    (seen) => seen,
    both({ waits: 120, lows: [true] }),
  ),
  row(FLOOD, 'refuses a message above the limit and a full buffer by name, or takes them', (seen) => seen, {
    chromium: { oversized: 'TypeError', largest: 'sent', flood: 'OperationError', channel: 'open' },
    firefox: { oversized: 'not tried', largest: 'not tried', flood: 'sent', channel: 'open' },
  }),
];
