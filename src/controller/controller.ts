import {
  type Actor,
  type AnyActorRef,
  createActor,
  type EventObject,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import {
  type Announcement,
  type ConnectionEvent,
  type ConnectionMachine,
  type ConnectionSnapshot,
  type ConnectionStatus,
  createConnectionMachine,
  defaultPolicy,
  type PeerCommand,
  type PlayerId,
  type RecoveryPolicy,
  roleOf,
  type SignalingCommand,
  toStatus,
} from '../../machines';
import { watchEnvironment } from '../environment/environment-watch';
import { startHeartbeat } from '../peer/heartbeat';
import type { IceServersOptions } from '../peer/ice-servers';
import type { Link } from '../peer/link';
import { Links } from '../peer/links';
import { isForEndedSession } from '../peer/peer-session';
import { watchSignaling } from '../signaling/signaling-watch';
import type { Delivery, SignalingTransport } from '../signaling/transport';
import { type Description, type Greeting, parseSignal, SignalError, toSignalError } from '../signaling/wire';
import type { PathInfo } from '../stats/path';
import { watchPath } from '../stats/path-watch';
import type { ResolvedOptions } from './options';

export interface ControllerDeps {
  gameId: PlayerId;
  me: PlayerId;
  options: ResolvedOptions;
  transport: SignalingTransport;
  /** Sends one signal through the manager's `_sendSignal`. */
  sendSignal(type: string, payload: unknown): Promise<Delivery>;
  iceServers: IceServersOptions['iceServers'];
  /** Starts sampling the quality. @returns a function that stops it, or undefined if there is no connection. */
  sampleStats(): (() => void) | undefined;
  /** Passes a message from the peer to the game. */
  message(data: unknown): void;
}

export interface ControllerListener {
  announced(announcement: Announcement): void;
  status(status: ConnectionStatus): void;
  path(path: PathInfo): void;
}

type System = AnyActorRef['system'];

/** What an actor can do with the machine that invoked it. */
interface ParentMachine<Command> {
  receive(listener: (command: Command) => void): void;
  sendBack(fact: ConnectionEvent): void;
}

/** How many offers are kept. The machine takes an accepted offer as soon as it processes the event; this bound drops the offers that it refuses. */
const MAX_INBOX = 16;

/** Connects the machine to the actors of one pair of players: passes facts to the machine and commands to the actors. */
export class Controller {
  /** All controllers share one machine definition and its actor logic. Each runs its own actor system, by which an actor finds its controller. */
  static readonly #bySystem = new WeakMap<System, Controller>();
  target: PlayerId | null = null;
  /** Null until the other player is known. */
  links: Links | null = null;
  readonly #deps: ControllerDeps;
  #listener: ControllerListener | null;
  readonly #actor: Actor<ConnectionMachine>;
  /** Offers by number. The machine gets the number only, so that no SDP passes through it. */
  readonly #inbox = new Map<number, Description | Greeting>();
  #nextOffer = 1;

  constructor(deps: ControllerDeps, listener: ControllerListener) {
    this.#deps = deps;
    this.#listener = listener;
    const { environment, recovery, inspect, timings, forceRelay: relayOnly } = deps.options;
    this.#actor = createActor(getMachine(recovery, environment.random), {
      input: { timings, browser: environment.browser, relayOnly },
      ...(inspect && { inspect: this.#safeInspect(inspect) }),
    });
    Controller.#bySystem.set(this.#actor.system, this);
    this.#actor.start();
    this.#actor.subscribe(() => this.#listener?.status(this.status));
    this.snapshot.children.outage?.on('*', (announcement) => this.#listener?.announced(announcement));
  }

  /** An inspector that throws must not stop the machine. */
  #safeInspect(inspect: NonNullable<ResolvedOptions['inspect']>): (event: InspectionEvent) => void {
    return (event) => {
      try {
        if (typeof inspect === 'function') inspect(event);
        else inspect.next?.(event);
      } catch (error) {
        this.#deps.options.logger.error('[WebRTC] inspect threw', error);
      }
    };
  }

  get snapshot(): ConnectionSnapshot {
    return this.#actor.getSnapshot();
  }

  get status(): ConnectionStatus {
    return toStatus(this.snapshot);
  }

  /** The link that carries the game's data. */
  get link(): Link | null {
    return this.links?.current ?? null;
  }

  /** Starts a connect. The manager creates a new controller for each other player, so `peer` is the same in each call, and never our own id. */
  connect(peer: PlayerId): void {
    this.#setTarget(peer);
    this.#send({ type: 'connect' });
  }

  /** @returns true if a restart was started or was already under way. */
  restart(): boolean {
    const isAccepted = this.#accepts({ type: 'restart' });
    if (isAccepted) this.#send({ type: 'restart' });
    return isAccepted;
  }

  /** Closes the link. The listener is not called again. */
  close(): void {
    this.#listener = null;
    this.#send({ type: 'close' });
  }

  /** Handles a signal as the relay delivers it. @throws SignalError if the signal is refused; nothing has changed then. */
  handleSignal(raw: unknown): void {
    const { gameId, me } = this.#deps;
    const signal = parseSignal(raw, { gameId, me, target: this.target });
    if (signal.type !== 'ice-candidate' && isForEndedSession(signal))
      throw new SignalError('stale', signal.type);
    // Only an offer may set the other player. Any other signal could belong to an earlier link.
    if (signal.type === 'offer') this.#setTarget(signal.from);
    const { links } = this;
    if (!links || this.#hasEnded) throw new SignalError('unexpected', signal.type);
    if (signal.type === 'ice-candidate') links.takeCandidate(signal);
    else if (signal.type === 'answer' && !links.peer.isRejoinAnswer(signal)) links.takeAnswer(signal);
    else if (signal.type === 'bye') this.#takeBye(links, signal);
    else this.#takeOffer(links, signal);
  }

  /** Drops the event if the machine has ended, as for a second `bye`. */
  #send(event: ConnectionEvent): void {
    if (!this.#hasEnded) this.#actor.send(event);
  }

  /** Whether the machine has a transition for the event. In `failed` the browser must also be able to make connections. */
  #accepts(event: ConnectionEvent): boolean {
    return this.snapshot.can(event) && !(this.#isFailed && this.links?.isBlocked);
  }

  get #isFailed(): boolean {
    return this.snapshot.value === 'failed';
  }

  get #hasEnded(): boolean {
    return this.snapshot.status !== 'active';
  }

  #takeBye(links: Links, bye: Greeting): void {
    if (!links.peer.isByeForUs(bye, this.status.state === 'checking'))
      throw new SignalError('stale', bye.type);
    this.#send({ type: 'remote.left' });
  }

  #takeOffer({ peer }: Links, signal: Description | Greeting): void {
    if (signal.type === 'hello' && !peer.acceptsHello(signal)) throw new SignalError('unexpected', 'hello');
    const event = { type: peer.classify(signal), offer: this.#nextOffer++ };
    // Only checked in `failed`: every other state accepts every offer, and `can` takes as long as a transition, which would slow a connect.
    if (this.#isFailed && !this.#accepts(event)) throw new SignalError('unexpected', signal.type);
    this.#inbox.set(event.offer, signal);
    this.#inbox.delete(event.offer - MAX_INBOX);
    this.#send(event);
  }

  /** Sets the other player and creates the links. Only the first call has an effect. */
  #setTarget(peer: PlayerId): void {
    const { me, options, sendSignal: send, iceServers, message } = this.#deps;
    const role = roleOf(me, peer);
    if (this.links || !role) return;
    const { environment } = options;
    const session = globalThis.crypto?.randomUUID?.() ?? String(environment.random());
    this.target = peer;
    this.links = new Links(
      {
        ...options,
        ...environment,
        role,
        session,
        iceServers,
        send,
        evidence: () => this.snapshot.context.evidence,
      },
      {
        fact: (event) => this.#send(event),
        message,
      },
    );
  }

  /** The logic of the actors that the machine invokes. Each works for the controller whose actor system it runs in, and returns its cleanup. */
  static actors() {
    const actorFor = <Command extends EventObject>(
      start: (controller: Controller, machine: ParentMachine<Command>) => (() => void) | undefined,
    ) =>
      // Always found, because only controllers start a machine with these actors.
      fromCallback<Command>((machine) =>
        start(Controller.#bySystem.get(machine.system) as Controller, machine),
      );
    return {
      peer: actorFor<PeerCommand>((controller, { receive }) => {
        receive((command) => controller.#execute(command));
        return () => controller.links?.close();
      }),
      signaling: actorFor<SignalingCommand>((controller, { receive, sendBack }) => {
        const { transport, options } = controller.#deps;
        const signaling = watchSignaling(transport, {
          ...options,
          onChange: (isUp) => {
            sendBack({ type: isUp ? 'signaling.up' : 'signaling.down' });
            if (isUp) controller.links?.resend();
          },
        });
        receive(({ type }) => signaling[type]());
        return signaling.stop;
      }),
      environment: actorFor((_, { sendBack }) => watchEnvironment(sendBack)),
      stats: actorFor((controller) => controller.#deps.sampleStats()),
      path: actorFor((controller) =>
        watchPath(
          () => controller.link?.pc ?? null,
          (path) => controller.#handlePath(path),
        ),
      ),
      heartbeat: actorFor((controller, { sendBack }) => {
        const { timings, environment } = controller.#deps.options;
        const { links } = controller;
        return links ? startHeartbeat({ links, ...timings, ...environment }, sendBack) : undefined;
      }),
    };
  }

  #handlePath(path: PathInfo): void {
    this.#send({ type: 'peer.learned', evidence: { path: path.connectionType } });
    this.#listener?.path(path);
  }

  /** Executes a command. One that throws, because we or the browser refuse it, must not stop the machine. */
  #execute(command: PeerCommand): void {
    const { links } = this;
    try {
      switch (command.type) {
        case 'takeOffer':
          return links?.takeOffer(this.#removeFromInbox(command.offer));
        case 'startAttempt':
          return links?.startAttempt(command.kind);
        case 'renewAttempt':
          return links?.renewAttempt(command.kind, this.snapshot.context.plan?.renewMs ?? 0);
        default:
          return links?.[command.type]();
      }
    } catch (error) {
      this.#deps.options.logger.debug('[WebRTC]', toSignalError(error));
    }
  }

  #removeFromInbox(number: number): Description | Greeting {
    const offer = this.#inbox.get(number);
    this.#inbox.delete(number);
    if (!offer) throw new SignalError('too-many', 'offer');
    return offer;
  }
}

const createMachine = (policy: RecoveryPolicy, random: () => number): ConnectionMachine =>
  createConnectionMachine({ policy, random }).provide({ actors: Controller.actors() });

let sharedMachine: ConnectionMachine | undefined;

/** Building a machine and running it for the first time each take milliseconds, so all links with the default policy share one. */
function getMachine(policy: RecoveryPolicy = defaultPolicy, random: () => number): ConnectionMachine {
  if (policy !== defaultPolicy || random !== Math.random) return createMachine(policy, random);
  sharedMachine ??= createMachine(policy, random);
  return sharedMachine;
}
