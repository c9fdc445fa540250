import type { ConnectionEvent, Role } from '../../machines';
import type { Logger } from '../log/logger';
import {
  type Candidate,
  type Description,
  isFirefox,
  SignalError,
  toSignalError,
  ufragOf,
} from '../signaling/wire';
import { MAX_CANDIDATES_PER_GENERATION, Outbox, type OutboxOptions } from './outbox';
import { TaskQueue } from './task-queue';

/** What a negotiation reports to its link. */
export interface NegotiationListener {
  /** A local candidate was found. */
  gathered(isRelay: boolean): void;
  /** Only `gathering.empty`: gathering has ended without a candidate. */
  fact(event: ConnectionEvent): void;
  /** A STUN or TURN server failed, with its error code; the browser reports 701 if the server did not answer. */
  serverFailed(code: number): void;
  /** A TURN server refused the credentials and no other gave a relay. */
  turnRefused(): void;
  /** A description of the peer was applied: an answer or an offer. */
  negotiated(description: Description): void;
  /** Both ends have the descriptions of a new generation. */
  agreed(): void;
  /** The relay passed an offer on or, if it acknowledges nothing, was sent one. */
  offerArrived(): void;
  /** The browser refused the answer to our offer. */
  answerRefused(): void;
}

export interface NegotiationOptions extends OutboxOptions {
  role: Role;
  configuration: RTCConfiguration;
  logger: Logger;
}

/** After this time an unanswered offer is rolled back, even if it was resent, so that no working connection stays in `have-local-offer`. */
const UNANSWERED_OFFER_MS = 5_000;
/** How many descriptions may wait for the browser. A restart needs one; after a stall the relay delivers a dozen at once. */
const MAX_WAITING_DESCRIPTIONS = 32;

/** Makes and applies the offers, answers and candidates of one connection, one at a time. */
export class Negotiation {
  /** The newest description of the peer that was applied. */
  remote: Description | null = null;
  /** Whether we made the first offer of this connection. */
  isOfferer = false;
  readonly #pc: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #listener: NegotiationListener;
  readonly #queue = new TaskQueue((task) => this.#runTask(task));
  readonly #outbox: Outbox;
  #isClosed = false;
  /** How many candidates of the peer's newest generation have arrived. */
  #candidateCount = 0;
  /** How many descriptions of the peer wait for the browser or are being applied. */
  #waitingDescriptions = 0;
  /**
   * Whether the end of gathering is reported as empty: only in the first generation, while no candidate was found. Later the event does not say which
   * generation has ended, and one that was rolled back (see {@link keepAlive}) ends, too.
   */
  #reportsEmptyGathering = true;
  #rollbackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(pc: RTCPeerConnection, options: NegotiationOptions, listener: NegotiationListener) {
    this.#pc = pc;
    this.#options = options;
    this.#listener = listener;
    this.#outbox = new Outbox(options);
    this.#listen();
  }

  /** Whether a description of this connection was sent. */
  get hasSent(): boolean {
    return this.#outbox.ufrag !== undefined;
  }

  get hasPendingOffer(): boolean {
    return this.#pc.signalingState === 'have-local-offer';
  }

  /** Makes the first offer of the connection. Only one end does so. */
  offer(): void {
    this.isOfferer = true;
    this.#queue.add(() => this.#sendOffer());
  }

  /** Sets the servers of the next ICE generation. */
  configure(iceServers: RTCIceServer[]): void {
    // Some runtimes lack `setConfiguration`.
    this.#queue.add(async () => this.#pc.setConfiguration?.({ ...this.#options.configuration, iceServers }));
  }

  /** Starts a new ICE generation: makes an offer, which replaces a pending one. */
  restart(): void {
    this.#queue.add(async () => {
      this.#pc.restartIce();
      await this.#sendOffer();
    });
  }

  /** Sends the pending offer again, with the candidates gathered since. */
  resendOffer(): void {
    this.#queue.add(async () => {
      if (this.hasPendingOffer) await this.#sendDescription();
    });
  }

  /** Signaling is back: sends again what it refused, either the newest description, with all its candidates, or only candidates of it. */
  resend(): void {
    const { isRefused, answers, candidates } = this.#outbox.unsent;
    if (!isRefused) for (const candidate of candidates.splice(0)) void this.#outbox.sendCandidate(candidate);
    else if (answers) this.#queue.add(() => this.#sendDescription(answers));
    else if (this.hasPendingOffer) this.resendOffer();
    // The refused offer was rolled back meanwhile, and no other one is being made.
    else if (this.#queue.isIdle) this.restart();
  }

  /** The link failed: what signaling refused will not be sent again. */
  discard(): void {
    this.#outbox.discard();
  }

  /**
   * Keeps Chromium from giving the connection up, by an ICE restart that is rolled back before it is signaled. Not with a Firefox peer: Firefox would answer
   * the new checks, so Chromium would switch to that pair, but take no data on it (docs/discoveries/firefox-after-a-restart.md).
   */
  keepAlive(): void {
    if (isFirefox(this.remote?.sdp)) return;
    this.#queue.add(async () => {
      if (this.#pc.signalingState !== 'stable') return;
      this.#pc.restartIce();
      await this.#pc.setLocalDescription();
      await this.#pc.setLocalDescription({ type: 'rollback' });
    });
  }

  /** Rolls an unanswered offer back. */
  rollback(): void {
    this.#queue.add(async () => {
      if (this.hasPendingOffer) await this.#pc.setLocalDescription({ type: 'rollback' });
    });
  }

  takeOffer(offer: Description): void {
    this.#takeDescription(offer, async () => {
      // With an upstream peer we never yield: it does not resolve glare, but accepts our offer instead of its own.
      const isPolite = this.#options.role === 'answerer' && offer.member !== null;
      if (this.hasPendingOffer && !isPolite) throw new SignalError('unexpected', 'offer');
      const isRepeated = offer.ufrag === this.remote?.ufrag && this.#pc.signalingState === 'stable';
      if (isRepeated) return this.#sendDescription(offer.ufrag);
      await this.#pc.setRemoteDescription(offer);
      const answering = this.#createDescription('createAnswer');
      this.#noteRemote(offer);
      await this.#sendDescription(offer.ufrag, await answering);
      this.#listener.agreed();
    });
  }

  takeAnswer(answer: Description): void {
    this.#takeDescription(answer, async () => {
      if (!this.hasPendingOffer) throw new SignalError('unexpected', 'answer');
      const answers = answer.member?.answers;
      if (answers && answers !== ufragOf(this.#pc.localDescription?.sdp))
        throw new SignalError('stale', 'answer');
      try {
        await this.#pc.setRemoteDescription(answer);
      } catch (error) {
        if (!this.#isClosed) this.#listener.answerRefused();
        throw error;
      }
      this.#noteRemote(answer);
      this.#listener.agreed();
    });
  }

  takeCandidate({ init, ufrag }: Candidate): void {
    this.#candidateCount += 1;
    if (this.#candidateCount > MAX_CANDIDATES_PER_GENERATION)
      throw new SignalError('too-many', 'ice-candidate');
    const add = () => this.#pc.addIceCandidate(init);
    // Candidates with a ufrag only get here once the description of that ufrag is applied, so they need not wait for our answer.
    if (ufrag !== null) void this.#runTask(add);
    else this.#queue.add(add);
  }

  /** Detaches from the connection. The listener is not called again. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#rollbackTimer);
    this.#pc.onicecandidate = this.#pc.onicecandidateerror = null;
  }

  #listen(): void {
    const pc = this.#pc;
    pc.onicecandidate = ({ candidate }) => {
      // A runtime without trickle ICE has its candidates only in the description.
      if (!candidate && this.#reportsEmptyGathering && !pc.localDescription?.sdp.includes('a=candidate:'))
        this.#listener.fact({ type: 'gathering.empty' });
      if (!candidate?.candidate) return;
      this.#reportsEmptyGathering = false;
      const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      // Candidates of a generation that was rolled back, see `keepAlive()`, are not sent.
      const { ufrag } = this.#outbox;
      if (!usernameFragment || !ufrag || usernameFragment === ufrag)
        void this.#outbox.sendCandidate({ candidate: line, sdpMid, sdpMLineIndex, usernameFragment });
      // Reported after sending, because the peer waits for the candidate.
      this.#listener.gathered(hasRelay(line));
    };
    pc.onicecandidateerror = ({ errorCode }) => {
      this.#listener.serverFailed(errorCode);
      const isRefused = errorCode === 401 || errorCode === 403;
      // A refusal does not matter if another server gives a relay.
      if (isRefused && !hasRelay(pc.localDescription?.sdp ?? '')) this.#listener.turnRefused();
    };
  }

  async #sendOffer(): Promise<void> {
    clearTimeout(this.#rollbackTimer);
    this.#rollbackTimer = setTimeout(() => this.remote && this.rollback(), UNANSWERED_OFFER_MS);
    await this.#sendDescription(undefined, await this.#createDescription('createOffer'));
  }

  /**
   * Creates and sets the local description. Older runtimes do not support `setLocalDescription()` without an argument: they throw or set nothing.
   *
   * @returns its SDP.
   */
  async #createDescription(create: 'createOffer' | 'createAnswer'): Promise<string | undefined> {
    const pc = this.#pc;
    if (this.hasSent) this.#reportsEmptyGathering = false;
    try {
      await pc.setLocalDescription();
      // Read once, because in Chromium each read waits for another thread.
      const { localDescription } = pc;
      if (localDescription) return localDescription.sdp;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await pc.setLocalDescription(await pc[create]());
    return pc.localDescription?.sdp;
  }

  /** Sends the local description: the answer to the offer with the ufrag `answers`, or an offer. */
  async #sendDescription(answers?: string, sdp = this.#pc.localDescription?.sdp): Promise<void> {
    // Not awaited, because the next description need not wait for the relay's acknowledgement.
    void this.#outbox.sendDescription(sdp, answers).then((delivery) => {
      if (!answers && delivery !== 'refused' && !this.#isClosed) this.#listener.offerArrived();
    });
  }

  /** A description of the peer was applied. */
  #noteRemote(description: Description): void {
    this.#candidateCount = 0;
    this.#outbox.learn(description);
    this.remote = description;
    this.#listener.negotiated(description);
  }

  #takeDescription({ type }: Description, task: () => Promise<void>): void {
    if (this.#waitingDescriptions >= MAX_WAITING_DESCRIPTIONS) throw new SignalError('too-many', type);
    this.#waitingDescriptions += 1;
    this.#queue.add(() => task().finally(() => (this.#waitingDescriptions -= 1)));
  }

  /** Runs a task unless the connection is closed. Logs failures and never rejects. */
  async #runTask(task: () => Promise<void>): Promise<void> {
    try {
      if (!this.#isClosed) await task();
    } catch (error) {
      if (!this.#isClosed) this.#options.logger.debug('[WebRTC]', toSignalError(error));
    }
  }
}

const hasRelay = (text: string) => text.includes(' typ relay');
