/**
 * The chart of the design as data, written by hand and independent of the machine: the oracle of its tests (docs/STATES.md shows
 * the same in prose). A row names the event or the delay, who may pass, where the arrow ends and what the game may have to be told;
 * `chart.test.ts` compares it with the machine's own edges, both ways.
 */
export interface Row {
  /** A state, with all states nested in it, or the names of several. */
  from: string | readonly string[];
  /** Events; a delay is written `after name`, an arrow that needs no event `always`. */
  on: string | readonly string[];
  /** The guard, or `else` for what remains when the guards above it said no. */
  guard?: string;
  /** The innermost state that is entered; absent where the state stays. */
  to?: string;
  /** Reports to the outage, or what the outage emits, in their order. */
  announces?: readonly string[];
  note?: string;
}

export interface Chart {
  /** Every innermost state with what is invoked while in it. */
  states: Readonly<Record<string, readonly string[]>>;
  /** What outlives the states. */
  invokes: readonly string[];
  final: readonly string[];
  rows: readonly Row[];
}

const OFFERS = ['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'] as const;
const EVERY_LIVE_STATE = ['new', 'checking', 'connected', 'disconnected', 'restarting', 'failed'] as const;

/** An arrow to `restarting` asks the policy first; where it has no plan the same arrow leads to `failed`. */
const recovers = (
  from: Row['from'],
  on: Row['on'],
  { to = 'restarting.waiting.backoff', asks = false } = {},
): Row[] => {
  const asked = asks ? ['asked'] : [];
  return [
    { from, on, guard: 'hasPlan', to, announces: [...asked, 'suspect'] },
    { from, on, guard: 'else', to: 'failed', announces: [...asked, 'failed'] },
  ];
};

const nextAttempt = (on: string): Row[] => [
  { from: 'restarting.attempting', on, guard: 'hasPlan', to: 'restarting.waiting.backoff' },
  { from: 'restarting.attempting', on, guard: 'else', to: 'failed', announces: ['failed'] },
];

const ATTEMPT = 'restarting.attempting.offered';

export const connectionChart: Chart = {
  states: {
    new: [],
    'checking.offered': ['stats'],
    'connected.steady': ['stats', 'path', 'heartbeat'],
    'connected.renewing': ['stats', 'path', 'heartbeat'],
    disconnected: ['stats', 'heartbeat'],
    'restarting.waiting.backoff': ['stats', 'heartbeat'],
    'restarting.waiting.reach': ['stats', 'heartbeat'],
    'restarting.answering': ['stats', 'heartbeat'],
    'restarting.attempting.offered': ['stats', 'heartbeat'],
    failed: [],
    closed: [],
  },
  invokes: ['outage', 'peer', 'signaling', 'environment'],
  final: ['closed'],
  rows: [
    // new
    { from: 'new', on: ['connect', 'remote.offer'], to: 'checking.offered' },

    // checking
    { from: 'checking', on: 'channel.opened', announces: ['opened'] },
    { from: 'checking', on: 'link.up', to: 'connected.steady', announces: ['up'] },
    ...recovers('checking', ['ice.failed', 'channel.closed', 'gathering.empty', 'after connectTimeout']),
    { from: 'checking', on: 'restart', announces: ['asked'], note: 'returns true: a connect is under way' },
    { from: 'checking', on: OFFERS },
    { from: 'checking', on: 'after offererPatience', note: 'the designated offerer kept silent' },
    { from: 'checking', on: 'after offerRenewal', to: 'checking.offered' },

    // connected
    {
      from: 'connected',
      on: ['ice.disconnected', 'life.silent'],
      to: 'disconnected',
      announces: ['suspect'],
    },
    ...recovers('connected', ['ice.failed', 'channel.closed']),
    { from: 'connected', on: ['network.changed', 'page.resumed'], note: 'probes' },
    { from: 'connected', on: 'life.back', note: 'the old path works too: the outage healed by itself' },
    {
      from: 'connected',
      on: ['remote.offer', 'remote.restart', 'remote.rebuild'],
      note: 'make-before-break: no outage',
    },
    ...recovers('connected', 'remote.rejoin', { to: ATTEMPT }),
    { from: 'connected', on: 'after stable', note: 'the attempts are given back' },
    { from: 'connected.steady', on: 'restart', to: 'connected.renewing', announces: ['asked'] },
    {
      from: 'connected.steady',
      on: 'credentials.expiring',
      guard: 'isRelayed',
      to: 'connected.renewing',
      note: 'nobody asked, so nobody is told',
    },
    {
      from: 'connected.steady',
      on: 'after directRetry',
      guard: 'couldBeDirect',
      to: 'connected.steady',
      note: 'a direct path is tried beside the relayed one, without an outage',
    },
    { from: 'connected.steady', on: 'after directRetry', guard: 'else', to: 'connected.steady' },
    { from: 'connected.renewing', on: 'restart', announces: ['asked'], note: 'joins the one under way' },
    {
      from: 'connected.renewing',
      on: ['link.up', 'after attemptTimeout'],
      to: 'connected.steady',
      announces: ['up'],
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
    ...recovers('disconnected', OFFERS, { to: ATTEMPT }),

    // restarting
    { from: 'restarting', on: ['life.back', 'link.up'], to: 'connected.steady', announces: ['up'] },
    { from: 'restarting', on: 'after recoveryBudget', to: 'failed', announces: ['failed'] },
    { from: 'restarting.waiting', on: OFFERS, to: ATTEMPT },
    {
      from: 'restarting.waiting.backoff',
      on: ['network.changed', 'signaling.up', 'after backoff'],
      to: ATTEMPT,
    },
    {
      from: ['restarting.waiting', 'restarting.attempting'],
      on: 'page.resumed',
      guard: 'hasSlept',
      to: 'restarting.waiting.backoff',
      note: 'no deadline ran while the page slept: each begins anew',
    },
    { from: 'restarting.waiting.backoff', on: 'page.resumed', guard: 'else', to: ATTEMPT },
    { from: 'restarting.attempting', on: 'page.resumed', guard: 'else' },
    { from: 'restarting.waiting.backoff', on: 'restart', to: ATTEMPT, announces: ['asked'] },
    {
      from: 'restarting.waiting.backoff',
      on: 'always',
      guard: 'isOutOfReach',
      to: 'restarting.waiting.reach',
    },
    { from: 'restarting.waiting.reach', on: 'always', guard: 'isInReach', to: ATTEMPT },
    {
      from: ['restarting.waiting.reach', 'restarting.attempting'],
      on: 'restart',
      announces: ['asked'],
    },
    {
      from: 'restarting.answering',
      on: OFFERS,
      to: 'restarting.answering',
      note: 'as long as the other end leads',
    },
    { from: 'restarting.answering', on: 'restart', to: ATTEMPT, announces: ['asked'] },
    { from: 'restarting.answering', on: 'after attemptTimeout', to: 'failed', announces: ['failed'] },
    { from: 'restarting.attempting', on: ['network.changed', ...OFFERS] },
    { from: 'restarting.attempting', on: 'attempt.counted' },
    ...nextAttempt('attempt.failed'),
    ...nextAttempt('after attemptTimeout'),
    { from: 'restarting.attempting', on: 'after attemptRenewal', to: ATTEMPT, note: 'the same attempt' },
    {
      from: 'restarting.attempting',
      on: 'always',
      guard: 'isOutOfReach',
      to: 'restarting.waiting.backoff',
      note: 'and from there to reach at once',
    },

    // failed
    { from: 'failed', on: 'connect', to: 'checking.offered', announces: ['asked'] },
    {
      from: 'failed',
      on: 'restart',
      guard: 'hasFreshPlan',
      to: 'restarting.waiting.backoff',
      announces: ['asked'],
    },
    { from: 'failed', on: OFFERS, guard: 'hasFreshPlan', to: 'restarting.answering' },

    // ends
    { from: EVERY_LIVE_STATE, on: 'close', to: 'closed', note: 'tells nothing: we closed it' },
    {
      from: ['checking', 'connected', 'disconnected', 'restarting', 'failed'],
      on: 'remote.left',
      to: 'closed',
      announces: ['left'],
    },

    // evidence, learnt in every state
    {
      from: EVERY_LIVE_STATE,
      on: ['peer.learned', 'signaling.down', 'environment.awake', 'environment.asleep'],
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
    },
  ],
};

/** What the delays last with the timings of the default preset, in ms. */
export const connectionDelaysMs = {
  connectTimeout: 15_000,
  offererPatience: 3_000,
  offerRenewal: 1_000,
  disconnectTimeout: 5_000,
  recoveryBudget: 90_000,
  stable: 10_000,
  directRetry: 30_000,
} as const;

export const outageChart: Chart = {
  states: { unborn: [], opened: [], none: [], pending: [], told: [], over: [], reopened: [], gone: [] },
  invokes: [],
  final: ['gone'],
  rows: [
    // before the first link: only `failed` is told, and `restored` to who asked
    { from: 'unborn', on: 'opened', to: 'opened', announces: ['open'] },
    { from: 'unborn', on: 'up', guard: 'isAsked', to: 'none', announces: ['open', 'restored'] },
    { from: 'unborn', on: 'up', guard: 'else', to: 'none', announces: ['open'] },
    { from: 'unborn', on: 'failed', to: 'over', announces: ['failed'] },
    { from: 'unborn', on: 'left', to: 'gone', announces: ['failed', 'closed'] },
    { from: 'opened', on: 'up', guard: 'isAsked', to: 'none', announces: ['restored'] },
    { from: 'opened', on: 'up', guard: 'else', to: 'none' },
    {
      from: ['opened', 'none', 'pending', 'told', 'reopened'],
      on: 'failed',
      to: 'over',
      announces: ['close', 'failed'],
    },
    {
      from: ['opened', 'told', 'reopened'],
      on: 'left',
      to: 'gone',
      announces: ['close', 'failed', 'closed'],
    },

    // an outage: pending through the grace, then told
    { from: 'none', on: 'suspect', to: 'pending' },
    { from: 'none', on: 'up', guard: 'isAsked', announces: ['restored'] },
    { from: 'pending', on: 'after disconnectGrace', to: 'told', announces: ['lost'] },
    { from: 'pending', on: 'up', guard: 'isAsked', to: 'none', announces: ['restored'] },
    { from: 'pending', on: 'up', guard: 'else', to: 'none', note: 'a blip heals silently' },
    { from: 'told', on: 'up', to: 'none', announces: ['restored'] },
    {
      from: ['none', 'pending'],
      on: 'left',
      guard: 'isAsked',
      to: 'gone',
      announces: ['close', 'failed', 'closed'],
    },
    { from: ['none', 'pending'], on: 'left', guard: 'else', to: 'gone', announces: ['close', 'closed'] },

    // after a given-up link
    { from: 'over', on: 'opened', to: 'reopened', announces: ['open'] },
    { from: 'over', on: 'up', to: 'none', announces: ['open', 'restored'] },
    { from: 'over', on: 'failed', guard: 'isAsked', announces: ['failed'], note: 'else it was told already' },
    { from: 'over', on: 'left', guard: 'isAsked', to: 'gone', announces: ['failed', 'closed'] },
    { from: 'over', on: 'left', guard: 'else', to: 'gone', announces: ['closed'] },
    { from: 'reopened', on: 'up', to: 'none', announces: ['restored'] },

    { from: ['unborn', 'opened', 'none', 'pending', 'told', 'over', 'reopened'], on: 'asked' },
  ],
};
