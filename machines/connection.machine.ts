import {
  type AnyActorRef,
  assign,
  type EventObject,
  fromCallback,
  type SnapshotFrom,
  sendTo,
  setup,
} from 'xstate';
import {
  type ConnectionContext,
  type ConnectionInput,
  causeOf,
  diagnosisOf,
  failureOf,
  kindOf,
  type TransitionArgs,
  toRecoveryInput,
  updateEvidence,
} from './connection.context';
import {
  answerAgain,
  closeOnPeerLeft,
  joinAttempt,
  nextAttempt,
  onAnyOffer,
  recover,
  recoverOnRemoteOffer,
  recoverOnRequest,
  restartAfterSleep,
  revive,
  startNow,
  unansweredOffer,
} from './connection.transitions';
import type { ConnectionEvent, PeerCommand, SignalingCommand } from './events';
import { type Ending, isInReach } from './failure';
import { type OutageEvent, outageMachine } from './outage.machine';
import { defaultPolicy, livePlan, type RecoveryPolicy } from './recovery-policy';

/** The policy that plans recovery attempts, and the random source for their back-off: `random` returns a number in [0, 1). */
export interface MachineOptions {
  policy?: RecoveryPolicy;
  random?: () => number;
}

/** The ids of the invoked actors. Without this type XState infers an index signature, which `peer` with its commands does not fit. */
type Children = {
  [Id in 'outage' | 'peer' | 'signaling' | 'environment' | 'stats' | 'path' | 'heartbeat']: Id;
};

const placeholder = fromCallback(() => {});

const endWith = (ending: Ending) =>
  assign<ConnectionContext, ConnectionEvent, undefined, ConnectionEvent, never>((args) => ({
    failure: diagnosisOf(args, ending),
    plan: null,
  }));

/** `sendTo` with a type check of the command, which XState's own `sendTo` lacks. */
const sendToChild =
  <Command extends EventObject>(child: string) =>
  (command: Command | ((args: TransitionArgs) => Command)) =>
    sendTo<ConnectionContext, ConnectionEvent, undefined, AnyActorRef, ConnectionEvent>(child, command);

const toPeer = sendToChild<PeerCommand>('peer');
const toSignaling = sendToChild<SignalingCommand>('signaling');
const toOutage = sendToChild<OutageEvent>('outage');

/**
 * The state machine of one connection: `new → checking → connected → disconnected → restarting → failed`, and `closed`.
 *
 * Actors report facts to it as events (`ice.failed`), and it sends them commands (`startAttempt`). The controller provides the actors that
 * own connections, sockets and timers. The outage machine, invoked here, decides which events the game gets.
 */
export const createConnectionMachine = ({
  policy = defaultPolicy,
  random = () => 0.5,
}: MachineOptions = {}) =>
  setup({
    types: {} as {
      context: ConnectionContext;
      events: ConnectionEvent;
      input: ConnectionInput;
      children: Children;
    },
    actors: {
      outage: outageMachine,
      peer: fromCallback<PeerCommand>(() => {}),
      signaling: fromCallback<SignalingCommand>(() => {}),
      environment: placeholder,
      stats: placeholder,
      path: placeholder,
      heartbeat: placeholder,
    },
    guards: {
      hasPlan: (args: TransitionArgs) => policy.plan(toRecoveryInput(args), random) !== null,
      hasFreshPlan: (args: TransitionArgs) =>
        policy.plan({ ...toRecoveryInput(args), attempts: 0 }, random) !== null,
      isOutOfReach: ({ context }: TransitionArgs) => !isInReach(context.evidence),
      isRelayed: ({ context }: TransitionArgs) => context.evidence.path === 'relay',
      couldBeDirect: ({ context: { evidence } }: TransitionArgs) =>
        evidence.path === 'relay' && !evidence.relayOnly && evidence.remote === 'holdfast',
      hasSlept: ({ event }: TransitionArgs) => event.type === 'page.resumed' && event.slept === true,
      isInReach: ({ context }: TransitionArgs) => isInReach(context.evidence),
    },
    delays: {
      connectTimeout: ({ context }: TransitionArgs) => context.timings.connectTimeoutMs,
      offererPatience: ({ context }: TransitionArgs) => context.timings.offererPatienceMs,
      offerRenewal: ({ context }: TransitionArgs) => context.timings.offerRenewalMs,
      disconnectTimeout: ({ context, event }: TransitionArgs) =>
        Math.max(
          0,
          context.timings.disconnectTimeoutMs - (event.type === 'life.silent' ? event.silentForMs : 0),
        ),
      recoveryBudget: ({ context }: TransitionArgs) => context.timings.recoveryBudgetMs,
      stable: ({ context }: TransitionArgs) => context.timings.stableMs,
      directRetry: ({ context }: TransitionArgs) => context.timings.directRetryMs,
      backoff: ({ context }: TransitionArgs) => context.plan?.delayMs ?? 0,
      attemptTimeout: ({ context }: TransitionArgs) => context.plan?.deadlineMs ?? 0,
      attemptRenewal: ({ context }: TransitionArgs) => context.plan?.renewMs ?? 0,
    },
    actions: {
      // context
      learn: assign(({ context, event }: TransitionArgs) => ({
        evidence: updateEvidence(context.evidence, event),
      })),
      noteSuspicion: assign((args: TransitionArgs) => ({ cause: causeOf(args) })),
      planAttempt: assign((args: TransitionArgs) => {
        const plan = policy.plan(toRecoveryInput(args), random);
        return { plan: plan && { ...plan, isCounted: false }, cause: causeOf(args), failure: null };
      }),
      planLiveRestart: assign((args: TransitionArgs) => {
        const attempt = policy.plan({ ...toRecoveryInput(args), attempts: 0 }, random);
        return { plan: { ...livePlan(args.context, attempt?.deadlineMs), isCounted: true } };
      }),
      dropPlan: assign({ plan: null }),
      countAttempt: assign(({ context: { plan, attempts, outageAttempts } }: TransitionArgs) =>
        plan && !plan.isCounted
          ? { plan: { ...plan, isCounted: true }, attempts: attempts + 1, outageAttempts: outageAttempts + 1 }
          : {},
      ),
      forgiveAttempts: assign({ attempts: 0, outageAttempts: 0 }),
      forgetLink: assign(({ context }: TransitionArgs) => ({
        evidence: { ...context.evidence, wasUp: false, answered: false },
        cause: null,
        failure: null,
      })),
      beginOutage: assign(({ context }: TransitionArgs) => ({
        outageAttempts: 0,
        evidence: { ...context.evidence, answered: false },
      })),
      refundAttempts: assign(({ context }: TransitionArgs) => ({
        attempts: Math.max(0, context.attempts - context.outageAttempts),
        outageAttempts: 0,
      })),
      noteUp: assign({
        evidence: ({ context }) => ({ ...context.evidence, channel: 'open', wasUp: true, answered: true }),
        plan: null,
        cause: null,
        failure: null,
      }),
      giveUp: endWith('no-plan'),
      giveUpOnBudget: endWith('budget'),
      notePeerLeft: endWith('peer-left'),
      // announcements
      tellOpened: toOutage({ type: 'opened' }),
      tellUp: toOutage({ type: 'up' }),
      tellSuspect: toOutage({ type: 'suspect' }),
      tellAsked: toOutage({ type: 'asked' }),
      tellFailed: toOutage((args) => ({ type: 'failed', failure: failureOf(args) })),
      tellLeft: toOutage((args) => ({ type: 'left', failure: failureOf(args) })),
      // commands
      openLink: toPeer({ type: 'connect' }),
      renewOffer: toPeer({ type: 'renewOffer' }),
      offerAnyway: toPeer({ type: 'offerAnyway' }),
      takeOffer: toPeer(({ event }) => ({
        type: 'takeOffer',
        offer: 'offer' in event ? event.offer : -1,
      })),
      startAttempt: toPeer(({ context }) => ({ type: 'startAttempt', kind: kindOf(context) })),
      renewAttempt: toPeer(({ context }) => ({ type: 'renewAttempt', kind: kindOf(context) })),
      tryDirect: toPeer({ type: 'tryDirect' }),
      probe: toPeer({ type: 'probe' }),
      watchClosely: toPeer({ type: 'suspect' }),
      askSignaling: toSignaling({ type: 'ask' }),
      watchSignaling: toSignaling({ type: 'watch' }),
      restSignaling: toSignaling({ type: 'rest' }),
      settle: toPeer({ type: 'settle' }),
      restAfterFailure: toPeer({ type: 'giveUp' }),
      sayBye: toPeer({ type: 'bye' }),
    },
  }).createMachine({
    id: 'connection',
    context: ({ input }) => ({
      timings: input.timings,
      browser: input.browser,
      evidence: {
        remote: 'unknown',
        remoteIsFirefox: false,
        channel: 'none',
        wasUp: false,
        answered: false,
        relayOnly: input.relayOnly,
        relayAvailable: false,
        gathered: false,
        turnRefused: false,
        path: 'unknown',
        signaling: 'up',
        awake: true,
      },
      attempts: 0,
      outageAttempts: 0,
      plan: null,
      cause: null,
      failure: null,
    }),
    invoke: [
      {
        id: 'outage',
        src: 'outage',
        input: ({ context }) => ({ graceMs: context.timings.disconnectGraceMs }),
      },
      { id: 'peer', src: 'peer' },
      { id: 'signaling', src: 'signaling' },
      { id: 'environment', src: 'environment' },
    ],
    on: {
      close: { target: '.closed', actions: 'sayBye' },
      'peer.learned': { actions: 'learn' },
      'signaling.up': { actions: 'learn' },
      'signaling.down': { actions: 'learn' },
      'environment.awake': { actions: 'learn' },
      'environment.asleep': { actions: 'learn' },
    },
    initial: 'new',
    states: {
      new: {
        on: {
          connect: { target: 'checking', actions: 'openLink' },
          'remote.offer': { target: 'checking', actions: 'takeOffer' },
        },
      },

      checking: {
        invoke: { id: 'stats', src: 'stats' },
        on: {
          'channel.opened': { actions: ['tellOpened', 'learn'] },
          'link.up': 'connected',
          'ice.failed': recover,
          'channel.closed': recover,
          'gathering.empty': recover,
          restart: { actions: 'tellAsked' },
          ...onAnyOffer({ actions: 'takeOffer' }),
          'remote.left': closeOnPeerLeft,
        },
        after: {
          connectTimeout: recover,
          offererPatience: { actions: 'offerAnyway' },
        },
        initial: 'offered',
        states: { offered: unansweredOffer },
      },

      connected: {
        entry: ['noteUp', 'settle', 'restSignaling', 'tellUp'],
        invoke: [
          { id: 'stats', src: 'stats' },
          { id: 'path', src: 'path' },
          { id: 'heartbeat', src: 'heartbeat' },
        ],
        on: {
          'ice.disconnected': {
            target: 'disconnected',
            actions: ['noteSuspicion', 'tellSuspect'],
          },
          'life.silent': {
            target: 'disconnected',
            actions: ['noteSuspicion', 'tellSuspect'],
          },
          'ice.failed': recover,
          'channel.closed': recover,
          // A new connection has won the race, but data arrives on the old one again, too: the outage healed by itself.
          'life.back': { actions: 'refundAttempts' },
          'network.changed': { actions: 'probe' },
          // A page that slept may wake up in another network, where its peer cannot hear it and its socket is dead.
          'page.resumed': { actions: ['probe', 'askSignaling'] },
          ...onAnyOffer({ actions: 'takeOffer' }),
          'remote.rejoin': recoverOnRemoteOffer,
          'remote.left': closeOnPeerLeft,
        },
        exit: 'beginOutage',
        after: { stable: { actions: 'forgiveAttempts' } },
        initial: 'steady',
        states: {
          steady: {
            on: {
              restart: { target: 'renewing', actions: ['tellAsked', 'planLiveRestart', 'startAttempt'] },
              'credentials.expiring': {
                guard: 'isRelayed',
                target: 'renewing',
                actions: ['planLiveRestart', 'startAttempt'],
              },
            },
            after: {
              directRetry: [
                { guard: 'couldBeDirect', target: 'steady', reenter: true, actions: 'tryDirect' },
                { target: 'steady', reenter: true },
              ],
            },
          },
          // A restart of a live link is make-before-break: the link stays up whether the restart is answered or not.
          renewing: {
            exit: 'dropPlan',
            on: {
              restart: { actions: 'tellAsked' },
              'link.up': { target: 'steady', actions: ['settle', 'tellUp'] },
            },
            after: { attemptTimeout: { target: 'steady', actions: ['settle', 'tellUp'] } },
            initial: 'offered',
            states: { offered: unansweredOffer },
          },
        },
      },

      disconnected: {
        entry: ['watchClosely', 'watchSignaling'],
        invoke: [
          { id: 'stats', src: 'stats' },
          { id: 'heartbeat', src: 'heartbeat' },
        ],
        on: {
          'life.back': 'connected',
          'link.up': 'connected',
          'ice.failed': recover,
          'channel.closed': recover,
          'network.changed': recover,
          restart: recoverOnRequest,
          ...onAnyOffer(recoverOnRemoteOffer),
          'remote.left': closeOnPeerLeft,
        },
        after: { disconnectTimeout: recover },
      },

      restarting: {
        entry: ['watchClosely', 'watchSignaling'],
        invoke: [
          { id: 'stats', src: 'stats' },
          { id: 'heartbeat', src: 'heartbeat' },
        ],
        on: {
          'link.up': 'connected',
          'life.back': { target: 'connected', actions: 'refundAttempts' },
          restart: { actions: 'tellAsked' },
          'remote.left': closeOnPeerLeft,
        },
        after: {
          recoveryBudget: { target: 'failed', actions: 'giveUpOnBudget' },
        },
        initial: 'waiting',
        states: {
          waiting: {
            on: onAnyOffer(joinAttempt),
            initial: 'backoff',
            states: {
              backoff: {
                always: { guard: 'isOutOfReach', target: 'reach' },
                on: {
                  restart: {
                    target: '#connection.restarting.attempting',
                    actions: ['tellAsked', 'startAttempt'],
                  },
                  'network.changed': startNow,
                  'page.resumed': [restartAfterSleep, startNow],
                  'signaling.up': startNow,
                },
                after: { backoff: startNow },
              },
              // Waits without spending an attempt while no offer could reach the other end.
              reach: {
                always: { guard: 'isInReach', ...startNow },
                on: { 'page.resumed': restartAfterSleep },
              },
            },
          },
          // The other end revived a failed link. We only answer: two failed ends that both offered would revive each other for ever.
          answering: {
            on: {
              restart: { target: 'attempting', actions: ['tellAsked', 'startAttempt'] },
              ...onAnyOffer(answerAgain),
            },
            after: { attemptTimeout: { target: '#connection.failed', actions: 'giveUp' } },
          },
          attempting: {
            always: { guard: 'isOutOfReach', target: 'waiting' },
            on: {
              'attempt.counted': { actions: 'countAttempt' },
              'attempt.failed': nextAttempt,
              'network.changed': { actions: 'renewAttempt' },
              'page.resumed': [restartAfterSleep, { actions: 'renewAttempt' }],
              ...onAnyOffer({ actions: 'takeOffer' }),
            },
            after: { attemptTimeout: nextAttempt },
            initial: 'offered',
            states: {
              offered: {
                after: { attemptRenewal: { target: 'offered', reenter: true, actions: 'renewAttempt' } },
              },
            },
          },
        },
      },

      failed: {
        entry: ['tellFailed', 'restAfterFailure', 'restSignaling'],
        on: {
          connect: {
            target: 'checking',
            actions: ['forgiveAttempts', 'forgetLink', 'tellAsked', 'openLink'],
          },
          restart: {
            guard: 'hasFreshPlan',
            target: 'restarting',
            actions: ['forgiveAttempts', 'planAttempt', 'tellAsked'],
          },
          ...onAnyOffer(revive),
          'remote.left': closeOnPeerLeft,
        },
      },

      closed: { type: 'final' },
    },
  });

export type ConnectionMachine = ReturnType<typeof createConnectionMachine>;
export type ConnectionSnapshot = SnapshotFrom<ConnectionMachine>;
