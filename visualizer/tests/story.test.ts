import type { RecordBody } from 'holdfast/inspect';
import type { Failure } from 'holdfast/machines';
import { describe, expect, it } from 'vitest';
import { DIRECT, FAILURE, moved, PLAN, SESSION, written } from '../../tests/inspect/written';
import { HEALTHY } from '../../tests/support/evidence';
import { summarize } from '../src/model/summary';
import type { Tone } from '../src/model/words';
import { historyOf, linesOf, trackOf } from './support/lines';

const unborn = { ...HEALTHY, wasUp: false, answered: false, gathered: false };
const lost: RecordBody = { kind: 'announcement', announcement: { type: 'lost' } };
const [restart, rebuild] = [PLAN, { ...PLAN, kind: 'rebuild' as const }];
const attempting = 'restarting.attempting.offered';
const backoff = moved(attempting, 'restarting.waiting.backoff', { event: 'attempt.failed' });
const counted = moved(attempting, attempting, {
  event: 'attempt.counted',
  context: { attempts: 1, plan: { ...restart, isCounted: true } },
});
const attempt = (plan: typeof restart | typeof rebuild) =>
  moved('restarting.waiting.backoff', attempting, { event: 'backoff', context: { attempts: 1, plan } });

/** A link from start to end: it took a while, was lost and recovered by the fourth attempt, and healed once by itself. */
const records = written(
  [0, SESSION],
  [0, moved('', 'new', { event: 'xstate.init' })],
  [1_000, moved('new', 'checking.offered', { event: 'connect', context: { evidence: unborn } })],
  [
    2_000,
    moved('checking.offered', 'checking.offered', {
      context: { evidence: { ...unborn, gathered: true, answered: true } },
    }),
  ],
  [3_000, { kind: 'path', path: DIRECT }],
  [3_000, moved('checking.offered', 'connected.steady')],
  [
    10_000,
    {
      ...moved('connected.steady', 'disconnected', { context: { cause: 'ice.disconnected' } }),
      timers: [
        { name: 'disconnectGrace', state: '', ms: 500, ofMs: 500 },
        { name: 'disconnectTimeout', state: 'disconnected', ms: 5_000, ofMs: 5_000 },
      ],
    },
  ],
  [10_500, lost],
  [15_000, moved('disconnected', 'restarting.waiting.reach')],
  [16_000, moved('restarting.waiting.reach', attempting, { context: { plan: restart } })],
  [16_500, counted],
  [20_000, backoff],
  [21_000, attempt(restart)],
  [22_000, backoff],
  [23_000, attempt(restart)],
  [24_000, backoff],
  [25_000, attempt(rebuild)],
  [26_000, moved(attempting, 'connected.steady')],
  [30_000, moved('connected.steady', 'disconnected', { context: { cause: 'life.silent' } })],
  [32_000, moved('disconnected', 'connected.steady', { event: 'life.back' })],
  [40_000, moved('connected.steady', 'closed', { event: 'close' })],
);

const suspected = (agoMs: string) => `It began ${agoMs} ago: ICE received nothing on its path.`;
const TOLD = 'The game was notified 500 ms later.';
const UP = 'Connected: direct, host to srflx, over udp, IPv4';
const NO_ATTEMPT_YET = 'Recovering: no attempt counted yet';

describe('the story of a link', () => {
  const track = trackOf(linesOf(records));
  const history = historyOf(track);

  it.each<[number, Tone, string, string[]]>([
    [0, 'calm', 'No link yet', ['Neither this game nor the other player has started a connection.']],
    [
      1_500,
      'calm',
      'Connecting for the first time',
      [
        'Trying for 500 ms; the limit is 15.0 s.',
        'No ICE candidate found yet.',
        'The other player has not answered yet.',
      ],
    ],
    [
      2_500,
      'calm',
      'Connecting for the first time',
      ['Trying for 1.50 s; the limit is 15.0 s.', 'The other player has answered.'],
    ],
    [4_000, 'good', UP, ['Up for 1.00 s.', 'No outage so far.']],
    [
      10_200,
      'warn',
      'The link is suspect',
      [
        suspected('200 ms'),
        'The game has not been notified yet.',
        'Recovery starts in 4.80 s if nothing arrives.',
      ],
    ],
    [
      12_000,
      'warn',
      'The link is suspect',
      [suspected('2.00 s'), TOLD, 'Recovery starts in 3.00 s if nothing arrives.'],
    ],
    [
      15_500,
      'warn',
      NO_ATTEMPT_YET,
      [
        suspected('5.50 s'),
        TOLD,
        'No attempt has been started.',
        'Waiting: no attempt is spent while the relay is unreachable or the page is asleep.',
      ],
    ],
    [
      16_200,
      'warn',
      NO_ATTEMPT_YET,
      [suspected('6.20 s'), TOLD, '1 attempt: an ICE restart; the relay forwarded none, so none counts.'],
    ],
    [17_000, 'warn', 'Recovering: attempt 1 of 3', [suspected('7.00 s'), TOLD, '1 attempt: an ICE restart.']],
    [
      25_500,
      'warn',
      'Recovering: attempt 1 of 3',
      [
        suspected('15.5 s'),
        TOLD,
        '4 attempts: an ICE restart 3 times, then a new connection; the relay forwarded only 1, so only that one counts.',
      ],
    ],
    [
      27_000,
      'good',
      UP,
      [
        'Up for 1.00 s.',
        'One outage so far, of 16.0 s; the game was notified. The last one ended 1.00 s ago.',
      ],
    ],
    [
      33_000,
      'good',
      UP,
      [
        'Up for 1.00 s.',
        '2 outages so far, the longest of 16.0 s; the game was notified of 1. The last one ended by itself 1.00 s ago.',
      ],
    ],
    [
      41_000,
      'off',
      'Closed by this game',
      [
        'Nothing more is announced to the game.',
        '2 outages so far, the longest of 16.0 s; the game was notified of 1.',
      ],
    ],
  ])('describes the state after %d ms as known by then', (ms, tone, headline, sentences) => {
    expect(summarize(track, history, track.startMs + ms)).toEqual({
      tone,
      headline,
      sentences,
      advice: null,
    });
  });
});

describe('the evidence of a failure', () => {
  const sentencesOf = (failure: Failure) => {
    const failed = moved('disconnected', 'failed', { context: { failure } });
    const fall = moved('connected.steady', 'disconnected', { context: { cause: 'life.silent' } });
    const track = trackOf(linesOf(written([0, SESSION], [1_000, fall], [6_000, failed])));
    // Without the sentences before.
    return summarize(track, historyOf(track), track.endMs).sentences.slice(4);
  };
  const failure = (reason: Failure['reason'], evidence: Partial<Failure['evidence']>): Failure => ({
    ...FAILURE,
    reason,
    evidence: { ...HEALTHY, ...evidence },
  });
  const WORST = {
    signaling: 'down',
    answered: false,
    relayOnly: true,
    turnRefused: true,
    remote: 'upstream',
    channel: 'closed',
  } as const;
  const ANSWERED = 'The other player has answered since the outage began.';
  const SILENT = 'The other player has not answered since the outage began.';
  const ONLY_RELAYED = 'Only paths through TURN were allowed.';
  const AWAY = 'The relay was unreachable at the end.';
  const REFUSED = 'The TURN server refused the credentials.';
  const UPSTREAM = 'The other player has an upstream client, which cannot create a new connection.';
  const CLOSED = 'The data channel was closed.';

  it.each<[string, Failure, string[]]>([
    [
      'nothing bad',
      failure('restarts-exhausted', {}),
      [ANSWERED, 'No TURN server was configured, so only direct paths could be tried.'],
    ],
    [
      'a TURN server',
      failure('restarts-exhausted', { relayAvailable: true }),
      [ANSWERED, 'A TURN server was configured.'],
    ],
    [
      'everything bad',
      failure('peer-silent', WORST),
      [AWAY, SILENT, ONLY_RELAYED, REFUSED, UPSTREAM, CLOSED],
    ],
    [
      'no relay, which is the reason',
      failure('signaling-lost', WORST),
      [SILENT, ONLY_RELAYED, REFUSED, UPSTREAM, CLOSED],
    ],
    [
      'credentials, which are the reason',
      failure('turn-auth', WORST),
      [AWAY, SILENT, ONLY_RELAYED, UPSTREAM, CLOSED],
    ],
    [
      'a channel, which is the reason',
      failure('channel-closed', WORST),
      [AWAY, SILENT, ONLY_RELAYED, REFUSED, UPSTREAM],
    ],
  ])('is listed, without repeating the reason: %s', (_name, told, sentences) => {
    expect(sentencesOf(told)).toEqual(sentences);
  });
});
