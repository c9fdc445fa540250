/**
 * The chart of the design as data, written by hand and independent of the machine: the oracle of its tests (docs/STATES.md shows
 * the same in prose). A row names the event or the delay, the guard, where the arrow ends and what is announced to the game;
 * `chart.test.ts` compares it with the machine's own edges, both ways.
 */
export interface Row {
  /** A state, with all states nested in it, or the names of several. */
  from: string | readonly string[];
  /** Events; a delay is written `after name`, an arrow that needs no event `always`. */
  on: string | readonly string[];
  /** The guard, or `else` for the case that the guards above it said no. */
  guard?: string;
  /** The innermost state that is entered; absent if the state stays. */
  to?: string;
  /** A state around both ends that is nevertheless left, and entered again. */
  reenters?: string;
  /** Reports to the outage, or what the outage emits, in order, including those of the states that are entered. */
  announces?: readonly string[];
  /** Commands that the arrow itself sends to the peer actor or the signaling, in order. */
  commands?: readonly string[];
  /** What the arrow itself changes in the context, in order; `tests/model` says what each means. */
  keeps?: readonly string[];
  note?: string;
}

/** What a state does whenever it is entered or left. */
export interface Doing {
  commands?: readonly string[];
  keeps?: readonly string[];
}

export interface Chart {
  /** Every innermost state with what is invoked while in it. */
  states: Readonly<Record<string, readonly string[]>>;
  /** By state, nested or not. */
  entries: Readonly<Record<string, Doing>>;
  exits: Readonly<Record<string, Doing>>;
  /** Actors that outlive the states. */
  invokes: readonly string[];
  final: readonly string[];
  rows: readonly Row[];
}

const OFFERS = ['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'] as const;
const EVERY_LIVE_STATE = ['new', 'checking', 'connected', 'disconnected', 'restarting', 'failed'] as const;

const BACKOFF = 'restarting.waiting.backoff';
const ATTEMPT = 'restarting.attempting.offered';

/** An arrow to `restarting` asks the policy first; if that has no plan, the same arrow leads to `failed`. */
const recovers = (from: Row['from'], on: Row['on'], { asks = false } = {}): Row[] => {
  const asked = asks ? ['asked'] : [];
  return [
    { from, on, guard: 'hasPlan', to: BACKOFF, announces: [...asked, 'suspect'], keeps: ['plan'] },
    { from, on, guard: 'else', to: 'failed', announces: [...asked, 'failed'], keeps: ['failure'] },
  ];
};

/** The same for an offer of the other end, whose attempt is joined at once. */
const recoversTogether = (from: Row['from'], on: Row['on']): Row[] => [
  {
    from,
    on,
    guard: 'hasPlan',
    to: ATTEMPT,
    announces: ['suspect'],
    commands: ['takeOffer'],
    keeps: ['plan', 'count'],
  },
  { from, on, guard: 'else', to: 'failed', announces: ['failed'], keeps: ['failure'] },
];

const nextAttempt = (on: string): Row[] => [
  { from: 'restarting.attempting', on, guard: 'hasPlan', to: BACKOFF, keeps: ['plan'] },
  {
    from: 'restarting.attempting',
    on,
    guard: 'else',
    to: 'failed',
    announces: ['failed'],
    keeps: ['failure'],
  },
];

const SUSPICION = { commands: ['suspect', 'watch'] };

export const connectionChart: Chart = {
  states: {
    new: [],
    'checking.offered': ['stats'],
    'connected.steady': ['stats', 'path', 'heartbeat'],
    'connected.renewing.offered': ['stats', 'path', 'heartbeat'],
    disconnected: ['stats', 'heartbeat'],
    'restarting.waiting.backoff': ['stats', 'heartbeat'],
    'restarting.waiting.reach': ['stats', 'heartbeat'],
    'restarting.answering': ['stats', 'heartbeat'],
    'restarting.attempting.offered': ['stats', 'heartbeat'],
    failed: [],
    closed: [],
  },
  entries: {
    connected: { keeps: ['up'], commands: ['settle', 'rest'] },
    disconnected: SUSPICION,
    restarting: SUSPICION,
    failed: { commands: ['giveUp', 'rest'] },
  },
  exits: { connected: { keeps: ['outage'] }, 'connected.renewing': { keeps: ['noPlan'] } },
  invokes: ['outage', 'peer', 'signaling', 'environment'],
  final: ['closed'],
  rows: [
    // new
    { from: 'new', on: 'connect', to: 'checking.offered', commands: ['connect'] },
    { from: 'new', on: 'remote.offer', to: 'checking.offered', commands: ['takeOffer'] },

    // checking
    { from: 'checking', on: 'channel.opened', keeps: ['evidence'], announces: ['opened'] },
    { from: 'checking', on: 'link.up', to: 'connected.steady', announces: ['up'] },
    ...recovers('checking', ['ice.failed', 'channel.closed', 'gathering.empty', 'after connectTimeout']),
    { from: 'checking', on: 'restart', announces: ['asked'], note: 'returns true: a connect is under way' },
    { from: 'checking', on: OFFERS, commands: ['takeOffer'] },
    {
      from: 'checking',
      on: 'after offererPatience',
      commands: ['offerAnyway'],
      note: 'the designated offerer was silent',
    },
    {
      from: 'checking.offered',
      on: 'after offerRenewal',
      to: 'checking.offered',
      commands: ['renewOffer'],
    },

    // connected
    {
      from: 'connected',
      on: ['ice.disconnected', 'life.silent'],
      to: 'disconnected',
      announces: ['suspect'],
      keeps: ['cause'],
    },
    ...recovers('connected', ['ice.failed', 'channel.closed']),
    { from: 'connected', on: 'network.changed', commands: ['probe'] },
    { from: 'connected', on: 'page.resumed', commands: ['probe', 'ask'] },
    {
      from: 'connected',
      on: 'life.back',
      keeps: ['refund'],
      note: 'the old path works too: the outage healed by itself',
    },
    {
      from: 'connected',
      on: ['remote.offer', 'remote.restart', 'remote.rebuild'],
      commands: ['takeOffer'],
      note: 'make-before-break: no outage',
    },
    ...recoversTogether('connected', 'remote.rejoin'),
    { from: 'connected', on: 'after stable', keeps: ['fresh'], note: 'the attempts are given back' },
    {
      from: 'connected.steady',
      on: 'restart',
      to: 'connected.renewing.offered',
      announces: ['asked'],
      keeps: ['livePlan'],
      commands: ['startAttempt'],
    },
    {
      from: 'connected.steady',
      on: 'credentials.expiring',
      guard: 'isRelayed',
      to: 'connected.renewing.offered',
      keeps: ['livePlan'],
      commands: ['startAttempt'],
      note: 'nobody asked, so nothing is announced',
    },
    {
      from: 'connected.steady',
      on: 'after directRetry',
      guard: 'couldBeDirect',
      to: 'connected.steady',
      commands: ['tryDirect'],
      note: 'a direct path is tried beside the relayed one, without an outage',
    },
    { from: 'connected.steady', on: 'after directRetry', guard: 'else', to: 'connected.steady' },
    {
      from: 'connected.renewing.offered',
      on: 'after offerRenewal',
      to: 'connected.renewing.offered',
      commands: ['renewOffer'],
    },
    { from: 'connected.renewing', on: 'restart', announces: ['asked'], note: 'joins the one under way' },
    {
      from: 'connected.renewing',
      on: ['link.up', 'after attemptTimeout'],
      to: 'connected.steady',
      announces: ['up'],
      commands: ['settle'],
    },

    // disconnected
    { from: 'disconnected', on: ['life.back', 'link.up'], to: 'connected.steady', announces: ['up'] },
    ...recovers('disconnected', [
      'ice.failed',
      'channel.closed',
      'network.changed',
      'after disconnectTimeout',
    ]),
    ...recovers('disconnected', 'restart', { asks: true }),
    ...recoversTogether('disconnected', OFFERS),

    // restarting
    {
      from: 'restarting',
      on: 'life.back',
      to: 'connected.steady',
      announces: ['up'],
      keeps: ['refund'],
    },
    { from: 'restarting', on: 'link.up', to: 'connected.steady', announces: ['up'] },
    {
      from: 'restarting',
      on: 'after recoveryBudget',
      to: 'failed',
      announces: ['failed'],
      keeps: ['failureOnBudget'],
    },
    { from: 'restarting.waiting', on: OFFERS, to: ATTEMPT, keeps: ['count'], commands: ['takeOffer'] },
    {
      from: 'restarting.waiting.backoff',
      on: ['network.changed', 'signaling.up', 'after backoff'],
      to: ATTEMPT,
      commands: ['startAttempt'],
      note: 'the machine is never here while signaling is down, so its return is no new evidence',
    },
    {
      from: 'restarting.waiting.backoff',
      on: 'restart',
      to: ATTEMPT,
      announces: ['asked'],
      commands: ['startAttempt'],
    },
    {
      from: ['restarting.waiting', 'restarting.attempting'],
      on: 'page.resumed',
      guard: 'hasSlept',
      to: BACKOFF,
      reenters: 'restarting',
      note: 'no deadline ran while the page slept: each starts again',
    },
    {
      from: 'restarting.waiting.backoff',
      on: 'page.resumed',
      guard: 'else',
      to: ATTEMPT,
      commands: ['startAttempt'],
    },
    { from: 'restarting.attempting', on: 'page.resumed', guard: 'else', commands: ['renewAttempt'] },
    {
      from: 'restarting.waiting.backoff',
      on: 'always',
      guard: 'isOutOfReach',
      to: 'restarting.waiting.reach',
    },
    {
      from: 'restarting.waiting.reach',
      on: 'always',
      guard: 'isInReach',
      to: ATTEMPT,
      commands: ['startAttempt'],
    },
    {
      from: ['restarting.waiting.reach', 'restarting.attempting'],
      on: 'restart',
      announces: ['asked'],
    },
    {
      from: 'restarting.answering',
      on: OFFERS,
      to: 'restarting.answering',
      commands: ['takeOffer'],
      note: 'as long as the other end leads',
    },
    {
      from: 'restarting.answering',
      on: 'restart',
      to: ATTEMPT,
      announces: ['asked'],
      commands: ['startAttempt'],
    },
    {
      from: 'restarting.answering',
      on: 'after attemptTimeout',
      to: 'failed',
      announces: ['failed'],
      keeps: ['failure'],
    },
    { from: 'restarting.attempting', on: 'network.changed', commands: ['renewAttempt'] },
    { from: 'restarting.attempting', on: OFFERS, commands: ['takeOffer'] },
    { from: 'restarting.attempting', on: 'attempt.counted', keeps: ['count'] },
    ...nextAttempt('attempt.failed'),
    ...nextAttempt('after attemptTimeout'),
    {
      from: 'restarting.attempting.offered',
      on: 'after attemptRenewal',
      to: ATTEMPT,
      commands: ['renewAttempt'],
      note: 'the same attempt',
    },
    {
      from: 'restarting.attempting',
      on: 'always',
      guard: 'isOutOfReach',
      to: BACKOFF,
      note: 'and from there to reach at once',
    },

    // failed
    {
      from: 'failed',
      on: 'connect',
      to: 'checking.offered',
      announces: ['asked'],
      keeps: ['fresh', 'noLink'],
      commands: ['connect'],
    },
    {
      from: 'failed',
      on: 'restart',
      guard: 'hasFreshPlan',
      to: BACKOFF,
      announces: ['asked'],
      keeps: ['fresh', 'plan'],
    },
    {
      from: 'failed',
      on: OFFERS,
      guard: 'hasFreshPlan',
      to: 'restarting.answering',
      keeps: ['fresh', 'plan'],
      commands: ['takeOffer'],
    },

    // ends
    {
      from: EVERY_LIVE_STATE,
      on: 'close',
      to: 'closed',
      commands: ['bye'],
      note: 'announces nothing: we closed it',
    },
    {
      from: ['checking', 'connected', 'disconnected', 'restarting', 'failed'],
      on: 'remote.left',
      to: 'closed',
      announces: ['left'],
      keeps: ['failureOfPeer'],
    },

    // evidence, taken in every state
    {
      from: EVERY_LIVE_STATE,
      on: ['peer.learned', 'signaling.down', 'environment.awake', 'environment.asleep'],
      keeps: ['evidence'],
    },
    {
      from: [
        'new',
        'checking',
        'connected',
        'disconnected',
        'restarting.waiting.reach',
        'restarting.answering',
        'restarting.attempting',
        'failed',
      ],
      on: 'signaling.up',
      keeps: ['evidence'],
    },
  ],
};

/** How long the delays last with the timings of the default preset, in ms. */
export const connectionDelaysMs = {
  connectTimeout: 15_000,
  offererPatience: 3_000,
  offerRenewal: 1_000,
  disconnectTimeout: 5_000,
  recoveryBudget: 90_000,
  stable: 10_000,
  directRetry: 30_000,
} as const;
