/** Arrows of the connection chart that several states share; the chart itself is in connection.machine.ts. */

/** The arrow to `restarting`: the policy is asked first, and where it has no plan the same arrow leads to `failed`. */
export const recover = [
  { guard: 'hasPlan', target: '#connection.restarting', actions: ['planAttempt', 'tellSuspect'] },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

/** The same for a game that asked, and is owed an answer. */
export const recoverOnRequest = [
  {
    guard: 'hasPlan',
    target: '#connection.restarting',
    actions: ['planAttempt', 'tellAsked', 'tellSuspect'],
  },
  { target: '#connection.failed', actions: ['tellAsked', 'giveUp'] },
] as const;

/** The same for an offer of the other end, whose attempt is joined at once. */
export const recoverOnRemoteOffer = [
  {
    guard: 'hasPlan',
    target: '#connection.restarting.attempting',
    actions: ['planAttempt', 'tellSuspect', 'countAttempt', 'takeOffer'],
  },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

/** Inside `restarting`: the next attempt, after its back-off. */
export const nextAttempt = [
  { guard: 'hasPlan', target: '#connection.restarting.waiting', actions: 'planAttempt' },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

export const startNow = { target: '#connection.restarting.attempting', actions: 'startAttempt' } as const;
/** Timers stood still while the page slept, so every deadline begins anew, as if recovery had just begun; attempts that were spent stay spent. */
export const restartAfterSleep = {
  guard: 'hasSlept',
  target: '#connection.restarting',
  reenter: true,
} as const;
export const joinAttempt = {
  target: '#connection.restarting.attempting',
  actions: ['countAttempt', 'takeOffer'],
} as const;

/** Out of `failed` everything begins anew, the attempts too. The other end leads, and we only answer. */
export const revive = {
  guard: 'hasFreshPlan',
  target: '#connection.restarting.answering',
  actions: ['forgiveAttempts', 'planAttempt', 'takeOffer'],
} as const;

/** The same arrow for whatever the other end offers. */
export const onAnyOffer = <const Transition>(transition: Transition) => ({
  'remote.offer': transition,
  'remote.restart': transition,
  'remote.rebuild': transition,
  'remote.rejoin': transition,
});

/** The state of an offer that nobody has answered: it is said again. */
export const unansweredOffer = {
  after: { offerRenewal: { target: 'offered', reenter: true, actions: 'renewOffer' } },
} as const;

/** Each further offer of the other end is answered, and begins the deadline anew. */
export const answerAgain = { target: 'answering', reenter: true, actions: 'takeOffer' } as const;

export const closeOnPeerLeft = {
  target: '#connection.closed',
  actions: ['notePeerLeft', 'tellLeft'],
} as const;
