import type { Outage, RecordedContext } from 'holdfast/inspect';
import { lastWhere } from './arrays';
import { type History, outermost } from './history';
import { type Scene, sceneAt } from './scene';
import type { Track } from './track';
import {
  attemptInWords,
  causeInWords,
  countOf,
  durationInWords,
  outOf,
  pathInWords,
  type Tone,
} from './words';

/** What has happened to a link up to a moment, in words. */
export interface Summary {
  tone: Tone;
  headline: string;
  sentences: string[];
  /** What the user can do; null if nothing is wrong. */
  advice: string | null;
}

type Failure = NonNullable<RecordedContext['failure']>;

const of = (tone: Tone, headline: string, sentences: string[], advice: string | null = null): Summary => ({
  tone,
  headline,
  sentences: sentences.filter((sentence) => sentence !== ''),
  advice,
});

/** The link at `nowMs`, and the outages that had begun by then. Times are on the recorder's clock. */
interface Story {
  scene: Scene;
  outages: readonly Outage[];
  nowMs: number;
  /** How long the outermost state has lasted. */
  forMs: number;
}

/** Describes a link up to `timeMs`: why it failed, how its recovery is going, or what outages it has had. */
export function summarize(track: Track, history: History, timeMs: number): Summary {
  const scene = sceneAt(track, timeMs);
  const nowMs = timeMs - track.wallOf(0);
  const outages = history.outages.filter(({ suspectedAtMs }) => suspectedAtMs <= nowMs);
  const sinceMs = lastWhere(history.spans, ({ fromMs }) => fromMs <= timeMs)?.fromMs ?? track.startMs;
  const story: Story = { scene, outages, nowMs, forMs: timeMs - sinceMs };
  switch (outermost(scene.connection?.to ?? '')) {
    case '':
      return of('calm', 'Nothing is known yet', ['No transition was recorded before this moment.']);
    case 'new':
      return of('calm', 'No link yet', ['Neither this game nor the other player has started a connection.']);
    case 'checking':
      return checking(story);
    case 'connected':
      return connected(story);
    case 'disconnected':
      return suspect(story);
    case 'failed':
      return failed(story);
    case 'closed':
      return closed(story);
    default:
      return recovering(story);
  }
}

function checking({ scene, forMs }: Story): Summary {
  const limitMs = scene.session?.input.timings.connectTimeoutMs;
  const limit = limitMs === undefined ? '' : `; the limit is ${durationInWords(limitMs)}`;
  const evidence = scene.connection?.context.evidence;
  return of('calm', 'Connecting for the first time', [
    `Trying for ${durationInWords(forMs)}${limit}.`,
    evidence?.gathered === false ? 'No ICE candidate found yet.' : '',
    evidence?.answered ? 'The other player has answered.' : 'The other player has not answered yet.',
  ]);
}

function connected({ scene, outages, nowMs, forMs }: Story): Summary {
  const on = scene.path?.path ? `: ${pathInWords(scene.path.path)}` : '';
  const last = afterFirstConnect(outages).at(-1);
  const agoMs = nowMs - (last?.endedAtMs ?? nowMs);
  const healed = last
    ? ` The last one ended ${last.endedBy === 'life.back' ? 'by itself ' : ''}${durationInWords(agoMs)} ago.`
    : '';
  return of('good', `Connected${on}`, [
    `Up for ${durationInWords(forMs)}.`,
    `${outagesSentence(outages, nowMs)}${healed}`,
  ]);
}

/** Outages without slow first connects, because a link that was never up cannot be lost. */
const afterFirstConnect = (outages: readonly Outage[]) =>
  outages.filter(({ isFirstConnect }) => !isFirstConnect);

function outagesSentence(all: readonly Outage[], nowMs: number): string {
  // A recovery out of `failed` counts as part of the outage that failed.
  const outages = afterFirstConnect(all).filter(({ isRetry }) => !isRetry);
  if (outages.length === 0) return 'No outage so far.';
  const longestMs = Math.max(...outages.map((outage) => lengthOf(outage, nowMs)));
  const told = outages.filter(({ lostAtMs, end }) => lostAtMs !== null || end === 'failed').length;
  if (outages.length === 1)
    return `One outage so far, of ${durationInWords(longestMs)}; the game was ${told ? '' : 'not '}notified.`;
  return `${outages.length} outages so far, the longest of ${durationInWords(longestMs)}; the game was notified of ${told || 'none'}.`;
}

const lengthOf = ({ suspectedAtMs, endedAtMs }: Outage, nowMs: number): number =>
  (endedAtMs ?? nowMs) - suspectedAtMs;

function suspect(story: Story): Summary {
  const next = story.scene.countdowns.find(({ name }) => name === 'disconnectTimeout');
  return of('warn', 'The link is suspect', [
    causeSentence(story),
    notifiedSentence(story.outages.at(-1), story.nowMs),
    next ? `Recovery starts in ${durationInWords(next.remainingMs)} if nothing arrives.` : '',
  ]);
}

function recovering(story: Story): Summary {
  const { scene, outages, nowMs } = story;
  const counted = scene.connection?.context.attempts ?? 0;
  const limit = scene.session?.input.timings.maxIceRestarts;
  const headline =
    counted > 0 ? `Recovering: attempt ${outOf(counted, limit)}` : 'Recovering: no attempt counted yet';
  return of('warn', headline, [
    causeSentence(story),
    notifiedSentence(outages.at(-1), nowMs),
    attemptsSentence(outages.at(-1), nowMs),
    scene.connection?.to.endsWith('.reach')
      ? 'Waiting: no attempt is spent while the relay is unreachable or the page is asleep.'
      : '',
  ]);
}

function causeSentence({ scene, outages, nowMs }: Story): string {
  const outage = outages.at(-1);
  const cause = outage?.cause ?? scene.connection?.context.cause ?? null;
  return outage
    ? `It began ${durationInWords(nowMs - outage.suspectedAtMs)} ago: ${causeInWords(cause)}.`
    : becauseOf(cause);
}

const becauseOf = (cause: string | null): string =>
  cause === null ? 'Its cause is unknown.' : `It began because ${causeInWords(cause)}.`;

function failed({ scene, outages, nowMs }: Story): Summary {
  const failure = scene.connection?.context.failure ?? null;
  const outage = outages.at(-1);
  const lasted =
    outage && !outage.isFirstConnect ? ` after an outage of ${durationInWords(lengthOf(outage, nowMs))}` : '';
  return of(
    'bad',
    failure ? `Why it failed: ${failure.reason}` : 'The link failed',
    [
      `The link failed${lasted}: ${failure ? reasonInWords(failure) : 'no reason was recorded'}.`,
      becauseOf(outage?.cause ?? failure?.cause ?? null),
      failure?.evidence.wasUp === false ? 'The link had never been up.' : notifiedSentence(outage, nowMs),
      attemptsSentence(outage, nowMs),
      ...(failure ? evidenceSentences(failure) : []),
    ],
    failure?.advice ?? null,
  );
}

function closed({ scene, outages, nowMs }: Story): Summary {
  const hasLeft = scene.connection?.context.failure?.reason === 'peer-left';
  const wasUp = scene.connection?.context.evidence.wasUp ?? true;
  const noOutage = wasUp ? 'There was no outage.' : 'The link had never been up.';
  return of('off', hasLeft ? 'The other player left' : 'Closed by this game', [
    hasLeft ? 'They closed the link, so there is no recovery.' : 'Nothing more is announced to the game.',
    afterFirstConnect(outages).length === 0 ? noOutage : outagesSentence(outages, nowMs),
  ]);
}

function notifiedSentence(outage: Outage | undefined, nowMs: number): string {
  if (!outage || outage.isFirstConnect) return '';
  const { lostAtMs, suspectedAtMs, endedAtMs, isRetry } = outage;
  if (isRetry) return 'The game had already been notified of the failure.';
  if (lostAtMs === null || lostAtMs > nowMs)
    return endedAtMs !== null && endedAtMs <= nowMs
      ? 'The game was notified of the failure.'
      : 'The game has not been notified yet.';
  return `The game was notified ${durationInWords(Math.max(0, lostAtMs - suspectedAtMs))} later.`;
}

function attemptsSentence(outage: Outage | undefined, nowMs: number): string {
  const begun = (outage?.attempts ?? []).filter(({ startedAtMs }) => startedAtMs <= nowMs);
  if (begun.length === 0) return 'No attempt has been started.';
  const kinds = begun.map(
    ({ kind, by }) => `${attemptInWords(kind)}${by === 'peer' ? ' (started by the other player)' : ''}`,
  );
  // An attempt that the other player started has come through the relay.
  const counted = begun.filter(
    ({ by, countedAtMs }) => by === 'peer' || (countedAtMs !== null && countedAtMs <= nowMs),
  ).length;
  const some =
    counted === 0
      ? 'the relay forwarded none, so none counts'
      : `the relay forwarded only ${counted}, so only ${counted === 1 ? 'that one counts' : 'those count'}`;
  const reached = counted === begun.length ? '' : `; ${some}`;
  return `${countOf(begun.length, 'attempt')}: ${inOrder(kinds)}${reached}.`;
}

/** `x, x, y` as `x twice, then y`. */
function inOrder(kinds: readonly string[]): string {
  const runs: { kind: string; times: number }[] = [];
  for (const kind of kinds) {
    const last = runs.at(-1);
    if (last?.kind === kind) last.times += 1;
    else runs.push({ kind, times: 1 });
  }
  const times = ['', '', ' twice'];
  return runs.map((run) => `${run.kind}${times[run.times] ?? ` ${run.times} times`}`).join(', then ');
}

function reasonInWords({ reason, evidence, attempts }: Failure): string {
  switch (reason) {
    case 'connect-timeout':
      return 'the other player answered, but no connection came up in time';
    case 'no-candidates':
      return 'this browser found no ICE candidates';
    case 'no-relay':
      return 'only TURN was allowed, and no TURN server provided a relay candidate';
    case 'turn-auth':
      return 'the TURN server refused the credentials';
    case 'signaling-lost':
      return evidence.awake ? 'the relay could not be reached' : 'the page was asleep or offline';
    case 'peer-silent':
      return 'the other player did not answer any offer';
    case 'peer-left':
      return 'the other player closed the link';
    case 'channel-closed':
      return 'the data channel closed, and the other end cannot rebuild it';
    case 'restarts-exhausted':
      return `${countOf(attempts, 'attempt')} did not bring the link back`;
    case 'budget-spent':
      return 'recovery took longer than its time budget';
  }
}

function evidenceSentences({ reason, evidence }: Failure): string[] {
  const { signaling, answered, relayAvailable, relayOnly, turnRefused, remote, channel, wasUp } = evidence;
  return [
    signaling === 'down' && reason !== 'signaling-lost' ? 'The relay was unreachable at the end.' : '',
    answered
      ? 'The other player has answered since the outage began.'
      : 'The other player has not answered since the outage began.',
    relayOnly
      ? 'Only paths through TURN were allowed.'
      : relayAvailable
        ? 'A TURN server was configured.'
        : 'No TURN server was configured, so only direct paths could be tried.',
    turnRefused && reason !== 'turn-auth' ? 'The TURN server refused the credentials.' : '',
    remote === 'upstream'
      ? 'The other player has an upstream client, which cannot create a new connection.'
      : '',
    channel === 'closed' && wasUp && reason !== 'channel-closed' ? 'The data channel was closed.' : '',
  ];
}
