/** Transitions that several states of the connection chart share. The chart itself is in connection.machine.ts. */

/** Goes to `restarting` if the policy has a plan for an attempt, otherwise to `failed`. */
export const recover = [
  { guard: 'hasPlan', target: '#connection.restarting', actions: ['planAttempt', 'tellSuspect'] },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

/** The same when the game asked for the restart: it must then get `restored` or `failed`. */
export const recoverOnRequest = [
  {
    guard: 'hasPlan',
    target: '#connection.restarting',
    actions: ['planAttempt', 'tellAsked', 'tellSuspect'],
  },
  { target: '#connection.failed', actions: ['tellAsked', 'giveUp'] },
] as const;

/** The same for an offer from the other end: we join its attempt at once. */
export const recoverOnRemoteOffer = [
  {
    guard: 'hasPlan',
    target: '#connection.restarting.attempting',
    actions: ['planAttempt', 'tellSuspect', 'countAttempt', 'takeOffer'],
  },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

/** Inside `restarting`: goes on to the next attempt, after its back-off. */
export const nextAttempt = [
  { guard: 'hasPlan', target: '#connection.restarting.waiting', actions: 'planAttempt' },
  { target: '#connection.failed', actions: 'giveUp' },
] as const;

export const startNow = { target: '#connection.restarting.attempting', actions: 'startAttempt' } as const;
/** Timers stood still while the page slept, so every deadline starts again, as if recovery had just started. Attempts already counted stay counted. */
export const restartAfterSleep = {
  guard: 'hasSlept',
  target: '#connection.restarting',
  reenter: true,
} as const;
export const joinAttempt = {
  target: '#connection.restarting.attempting',
  actions: ['countAttempt', 'takeOffer'],
} as const;

/** Leaves `failed` because the other end sent an offer. The attempt count starts again at 0; the other end makes the offers and we only answer. */
export const revive = {
  guard: 'hasFreshPlan',
  target: '#connection.restarting.answering',
  actions: ['forgiveAttempts', 'planAttempt', 'takeOffer'],
} as const;

/** The same transition for every kind of offer from the other end. */
export const onAnyOffer = <const Transition>(transition: Transition) => ({
  'remote.offer': transition,
  'remote.restart': transition,
  'remote.rebuild': transition,
  'remote.rejoin': transition,
});

/** A state in which an unanswered offer is sent again at intervals. */
export const unansweredOffer = {
  after: { offerRenewal: { target: 'offered', reenter: true, actions: 'renewOffer' } },
} as const;

/** Answers a further offer from the other end and starts the deadline again. */
export const answerAgain = { target: 'answering', reenter: true, actions: 'takeOffer' } as const;

export const closeOnPeerLeft = {
  target: '#connection.closed',
  actions: ['notePeerLeft', 'tellLeft'],
} as const;
