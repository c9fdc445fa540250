import { type AnyMachineSnapshot, type AnyStateMachine, fromCallback } from 'xstate';
import {
  type ConnectionInput,
  createConnectionMachine,
  diagnose,
  type OutageEvent,
  outageMachine,
  type PeerCommand,
  PRESETS,
  type RecoveryPolicy,
  type SignalingCommand,
} from '../../machines';
import { type Chart, connectionChart } from '../machines/chart';
import { outageChart } from '../machines/outage-chart';
import { ChartModel, type Oracle, type Step } from './chart-model';
import { connectionMeaning, initialContext } from './connection-meaning';
import { type Heard, leafOf } from './observed';
import { outageMeaning } from './outage-meaning';

/** A machine with its chart, and what is needed to run both. */
export interface Subject {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly chart: Chart;
  readonly input: unknown;
  /** Each event that somebody may send, with the payloads that make a difference. */
  readonly events: readonly Step[];
  /** A key that distinguishes states: bounded, and made of all that guards look at. */
  keyOf(snapshot: AnyMachineSnapshot): string;
  /** The chart at its start, or another chart instead. */
  model(chart?: Chart): Oracle;
  /** What the surroundings of the machine receive, one machine at a time. */
  readonly heard: Heard;
  /** Sets the delays by which of them the path wants to end first, so that the others last longer. */
  pace(next: (types: readonly string[]) => string | undefined): void;
}

const heard: Heard = { announces: [], commands: [] };
const hears = <Message extends Step>(list: 'announces' | 'commands') =>
  fromCallback<Message>(({ receive }) => receive(({ type }) => void heard[list].push(type)));

/** Durations of a plan, in ms; none is a multiple of another, so that no two delays end at once. */
const BRISK = { delayMs: 700, deadlineMs: 25_400 };
const ENDLESS_MS = 200_100;
const plan = { ...BRISK, renewMs: 10_300, kind: 'rebuild' as const };

/** A plan for whatever happens until the attempts are spent or a relay refuses us: the default policy has none for `gathering.empty`. */
const policy: RecoveryPolicy = {
  plan: ({ attempts, maxAttempts, evidence }) =>
    attempts < maxAttempts && !evidence.turnRefused ? { ...plan } : null,
};

const inputWith = (maxIceRestarts: number): ConnectionInput => ({
  timings: {
    ...PRESETS.default,
    connectTimeoutMs: 15_500,
    offerRenewalMs: 4_100,
    offererPatienceMs: 3_300,
    recoveryBudgetMs: 90_300,
    directRetryMs: 30_200,
    maxIceRestarts,
  },
  browser: 'chromium',
  relayOnly: false,
});

const plain = (types: readonly string[]): Step[] => types.map((type) => ({ type }));
const learned = (evidence: object) => ({ type: 'peer.learned', evidence });

const connectionMachine = createConnectionMachine({ policy }).provide({
  actors: {
    outage: hears<OutageEvent>('announces') as never,
    peer: hears<PeerCommand>('commands'),
    signaling: hears<SignalingCommand>('commands'),
  },
});

/** A connection that may make this many attempts. */
export const connectionWith = (maxIceRestarts: number): Subject => ({
  name: 'connection',
  machine: connectionMachine,
  chart: connectionChart,
  input: inputWith(maxIceRestarts),
  events: [
    ...plain(['connect', 'restart', 'close', 'remote.left']),
    ...plain(['channel.opened', 'channel.closed', 'link.up', 'life.back', 'gathering.empty']),
    ...plain(['ice.disconnected', 'ice.failed', 'attempt.counted', 'attempt.failed']),
    ...plain(['credentials.expiring', 'network.changed', 'page.resumed']),
    ...plain(['environment.awake', 'environment.asleep', 'signaling.up', 'signaling.down']),
    ...['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'].map((type) => ({
      type,
      offer: 1,
    })),
    { type: 'life.silent', silentForMs: 1_000 },
    { type: 'page.resumed', slept: true },
    learned({ path: 'relay', remote: 'holdfast' }),
    learned({ turnRefused: true }),
  ],
  keyOf: (snapshot) => {
    const { attempts, evidence, plan: planned } = snapshot.context;
    const leaf = leafOf(snapshot);
    const isUp = leaf.startsWith('connected');
    return JSON.stringify([
      leaf,
      attempts,
      planned?.isCounted,
      isUp && evidence.path,
      evidence.turnRefused,
      evidence.signaling === 'up' && evidence.awake,
      snapshot.status,
    ]);
  },
  model: (chart = connectionChart) =>
    new ChartModel(chart, connectionMeaning(policy), initialContext(inputWith(maxIceRestarts))),
  heard,
  pace: (next) => {
    const isLate = (type: string) => next([type, 'after recoveryBudget']) === 'after recoveryBudget';
    plan.delayMs = isLate('after backoff') ? ENDLESS_MS : BRISK.delayMs;
    plan.deadlineMs = isLate('after attemptTimeout') ? ENDLESS_MS : BRISK.deadlineMs;
  },
});

const outageInput = { graceMs: 500 };
const failure = diagnose(initialContext(inputWith(1)), 'no-plan');

export const outage: Subject = {
  name: 'outage',
  machine: outageMachine,
  chart: outageChart,
  input: outageInput,
  events: [
    ...plain(['opened', 'up', 'suspect', 'asked']),
    { type: 'failed', failure },
    { type: 'left', failure },
  ],
  keyOf: ({ value, context: { isAsked } }) => JSON.stringify([value, isAsked]),
  model: (chart = outageChart) => new ChartModel(chart, outageMeaning, { ...outageInput, isAsked: false }),
  heard,
  pace: () => {},
};

/** Two attempts: one that is spent and one that is left. */
export const SUBJECTS: readonly Subject[] = [connectionWith(2), outage];
