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

/** What happened to a link up to a moment, in words. */
export interface Summary {
  tone: Tone;
  headline: string;
  sentences: string[];
  /** What its owner can do; null where nothing is wrong. */
  advice: string | null;
}

type Failure = NonNullable<RecordedContext['failure']>;

const of = (tone: Tone, headline: string, sentences: string[], advice: string | null = null): Summary => ({
  tone,
  headline,
  sentences: sentences.filter((sentence) => sentence !== ''),
  advice,
});

/** What is told: the link at `nowMs`, and the outages that had begun by then. Times on the recorder's clock. */
interface Story {
  scene: Scene;
  outages: readonly Outage[];
  nowMs: number;
  /** How long the outermost state has lasted. */
  forMs: number;
}

/** Tells a link's story up to `timeMs`: of a failure, why; of an outage, what is being done; of a link, how it fared. */
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
      return of('calm', 'No link yet', [
        'The game has not asked for one, and the other player has not offered.',
      ]);
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
  const limit = limitMs === undefined ? '' : ` of the ${durationInWords(limitMs)} that it may take`;
  const evidence = scene.connection?.context.evidence;
  return of('calm', 'Connecting for the first time', [
    `Under way for ${durationInWords(forMs)}${limit}.`,
    evidence?.gathered === false ? 'No candidate was found yet.' : '',
    evidence?.answered ? 'The other player has answered.' : 'The other player has not answered yet.',
  ]);
}

function connected({ scene, outages, nowMs, forMs }: Story): Summary {
  const on = scene.path?.path ? `: ${pathInWords(scene.path.path)}` : '';
  const last = sinceUp(outages).at(-1);
  const agoMs = nowMs - (last?.endedAtMs ?? nowMs);
  const healed = last
    ? ` The last healed ${durationInWords(agoMs)} ago${last.endedBy === 'life.back' ? ', by itself' : ''}.`
    : '';
  return of('good', `Connected${on}`, [
    `Up for ${durationInWords(forMs)}.`,
    `${outagesSentence(outages, nowMs)}${healed}`,
  ]);
}

/** A link that was never up has none to lose: a first connect that takes long is no outage to a reader. */
const sinceUp = (outages: readonly Outage[]) => outages.filter(({ isFirstConnect }) => !isFirstConnect);

function outagesSentence(all: readonly Outage[], nowMs: number): string {
  // A recovery out of `failed` belongs to the outage that failed.
  const outages = sinceUp(all).filter(({ isRetry }) => !isRetry);
  if (outages.length === 0) return 'No outage so far.';
  const longestMs = Math.max(...outages.map((outage) => lengthOf(outage, nowMs)));
  const told = outages.filter(({ lostAtMs, end }) => lostAtMs !== null || end === 'failed').length;
  if (outages.length === 1)
    return `One outage so far, of ${durationInWords(longestMs)}, ${told ? 'told to the game' : 'of which the game was not told'}.`;
  return `${outages.length} outages so far, ${told || 'none'} of them told to the game; the longest took ${durationInWords(longestMs)}.`;
}

const lengthOf = ({ suspectedAtMs, endedAtMs }: Outage, nowMs: number): number =>
  (endedAtMs ?? nowMs) - suspectedAtMs;

function suspect(story: Story): Summary {
  const next = story.scene.countdowns.find(({ name }) => name === 'disconnectTimeout');
  return of('warn', 'The link is suspect', [
    beginningSentence(story),
    toldSentence(story.outages.at(-1), story.nowMs),
    next ? `Recovery begins in ${durationInWords(next.remainingMs)} if nothing is heard.` : '',
  ]);
}

function recovering(story: Story): Summary {
  const { scene, outages, nowMs } = story;
  const counted = scene.connection?.context.attempts ?? 0;
  const limit = scene.session?.input.timings.maxIceRestarts;
  const headline =
    counted > 0 ? `Recovering: attempt ${outOf(counted, limit)}` : 'Recovering: no attempt counted yet';
  return of('warn', headline, [
    beginningSentence(story),
    toldSentence(outages.at(-1), nowMs),
    attemptsSentence(outages.at(-1), nowMs),
    scene.connection?.to.endsWith('.reach')
      ? 'It waits: no attempt is spent while the relay is out of reach or the page asleep.'
      : '',
  ]);
}

function beginningSentence({ scene, outages, nowMs }: Story): string {
  const outage = outages.at(-1);
  const cause = causeInWords(outage?.cause ?? scene.connection?.context.cause ?? null);
  return outage
    ? `It began ${durationInWords(nowMs - outage.suspectedAtMs)} ago: ${cause}.`
    : `It began because ${cause}.`;
}

function failed({ scene, outages, nowMs }: Story): Summary {
  const failure = scene.connection?.context.failure ?? null;
  const outage = outages.at(-1);
  const lasted =
    outage && !outage.isFirstConnect ? ` after an outage of ${durationInWords(lengthOf(outage, nowMs))}` : '';
  return of(
    'bad',
    failure ? `Why it failed: ${failure.reason}` : 'Recovery was given up',
    [
      `The link was given up${lasted}: ${failure ? reasonInWords(failure) : 'no reason was recorded'}.`,
      `It began because ${causeInWords(outage?.cause ?? failure?.cause ?? null)}.`,
      failure?.evidence.wasUp === false ? 'The link had never been up.' : toldSentence(outage, nowMs),
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
    hasLeft ? 'It said so in good order, and is not chased.' : 'Nothing is announced after that.',
    sinceUp(outages).length === 0 ? noOutage : outagesSentence(outages, nowMs),
  ]);
}

function toldSentence(outage: Outage | undefined, nowMs: number): string {
  if (!outage || outage.isFirstConnect) return '';
  const { lostAtMs, suspectedAtMs, endedAtMs, isRetry } = outage;
  if (isRetry) return 'The game had been told that it failed.';
  if (lostAtMs === null || lostAtMs > nowMs)
    return endedAtMs !== null && endedAtMs <= nowMs
      ? 'The game was told that it failed.'
      : 'The game was not told of it yet.';
  return `The game was told of the loss ${durationInWords(Math.max(0, lostAtMs - suspectedAtMs))} after that.`;
}

function attemptsSentence(outage: Outage | undefined, nowMs: number): string {
  const begun = (outage?.attempts ?? []).filter(({ startedAtMs }) => startedAtMs <= nowMs);
  if (begun.length === 0) return 'No attempt was begun.';
  const kinds = begun.map(
    ({ kind, by }) => `${attemptInWords(kind)}${by === 'peer' ? ' (begun by the other end)' : ''}`,
  );
  // What the other end began has come through the relay.
  const counted = begun.filter(
    ({ by, countedAtMs }) => by === 'peer' || (countedAtMs !== null && countedAtMs <= nowMs),
  ).length;
  const some =
    counted === 0
      ? 'the relay passed none on, so none counts'
      : `the relay passed only ${counted} on, which ${counted === 1 ? 'counts' : 'count'}`;
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
      return 'the other player answered, but no link between the two came up in time';
    case 'no-candidates':
      return 'this browser gathered no candidate at all';
    case 'no-relay':
      return 'only relays were allowed, and no TURN server gave one';
    case 'turn-auth':
      return 'the TURN server refused the credentials';
    case 'signaling-lost':
      return evidence.awake ? 'the relay could not be reached' : 'the page was asleep or offline';
    case 'peer-silent':
      return 'the other player answered no offer';
    case 'peer-left':
      return 'the other player left in good order';
    case 'channel-closed':
      return 'the data channel closed, and the other end cannot rebuild it';
    case 'restarts-exhausted':
      return `all ${countOf(attempts, 'attempt')} were made, and none brought the link back`;
    case 'budget-spent':
      return 'recovery took longer than its budget allows';
  }
}

function evidenceSentences({ reason, evidence }: Failure): string[] {
  const { signaling, answered, relayAvailable, relayOnly, turnRefused, remote, channel, wasUp } = evidence;
  return [
    signaling === 'down' && reason !== 'signaling-lost' ? 'The relay was out of reach at the end.' : '',
    answered
      ? 'The other end did answer since the outage began.'
      : 'Nothing was heard of the other end since it began.',
    relayOnly
      ? 'Only relayed paths were allowed.'
      : relayAvailable
        ? 'A TURN server was configured.'
        : 'No TURN server was configured, so that only direct paths could be tried.',
    turnRefused && reason !== 'turn-auth' ? 'TURN refused the credentials.' : '',
    remote === 'upstream' ? 'The other end is an upstream client, which keeps its one connection.' : '',
    channel === 'closed' && wasUp && reason !== 'channel-closed' ? 'The data channel was closed.' : '',
  ];
}
