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

/** What a negotiation tells the link that it belongs to. */
export interface NegotiationListener {
  /** A candidate was found. */
  gathered(isRelay: boolean): void;
  /** `gathering.empty`: gathering has ended without a candidate. */
  fact(event: ConnectionEvent): void;
  /** A STUN or TURN server failed: its error, or the browser's 701 where none came. */
  serverFailed(code: number): void;
  /** A TURN server refused the credentials, and no other gave a relay. */
  turnRefused(): void;
  /** An answer was applied, or an offer taken. */
  negotiated(description: Description): void;
  /** Both ends have the descriptions of a new generation. */
  agreed(): void;
  /** The relay has passed an offer on, or, where it acknowledges nothing, has been handed one. */
  offerArrived(): void;
  /** The browser did not take the answer to our offer. */
  answerRefused(): void;
}

export interface NegotiationOptions extends OutboxOptions {
  role: Role;
  configuration: RTCConfiguration;
  logger: Logger;
}

/** After this an unanswered offer is rolled back, even if it was said again, so that no connection that works is left in `have-local-offer`. */
const UNANSWERED_OFFER_MS = 5_000;
/** How many descriptions may wait for the browser: a restart needs one, and a connection to the relay that stalled delivers a dozen at once. */
const MAX_WAITING_DESCRIPTIONS = 32;

/** Offers, answers and candidates of one connection: what is made and taken, and in which order. */
export class Negotiation {
  /** The newest description of the peer that was applied. */
  remote: Description | null = null;
  /** Whether the first offer of this connection was ours. */
  isOfferer = false;
  readonly #pc: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #listener: NegotiationListener;
  readonly #queue = new TaskQueue((task) => this.#runTask(task));
  readonly #outbox: Outbox;
  #isClosed = false;
  /** How many candidates of the peer's newest generation were taken. */
  #candidateCount = 0;
  /** How many descriptions of the peer wait for the browser, or are being applied. */
  #waitingDescriptions = 0;
  /**
   * Whether the end of gathering means that nothing can be found: only in the first generation. The end of a later one does not say which it is of, and
   * one that was taken back (see {@link keepIceAlive}) ends, too.
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

  /** The first offer of a connection, made by one side only. */
  offer(): void {
    this.isOfferer = true;
    this.#queue.add(() => this.#sendOffer());
  }

  /** The servers of the next ICE generation. */
  configure(iceServers: RTCIceServer[]): void {
    // Some runtimes do not have it.
    this.#queue.add(async () => this.#pc.setConfiguration?.({ ...this.#options.configuration, iceServers }));
  }

  /** A new ICE generation on this connection. A pending offer is replaced; one that was never made is made now. */
  restart(): void {
    this.#queue.add(async () => {
      this.#pc.restartIce();
      await this.#sendOffer();
    });
  }

  /** Sends the pending offer once more, with the candidates gathered since. */
  resendOffer(): void {
    this.#queue.add(async () => {
      if (this.hasPendingOffer) await this.#sendDescription();
    });
  }

  /** Signaling is back: what it refused of the newest description is sent again, in one piece where that was refused itself. */
  resendUnsent(): void {
    const { isRefused, answers, candidates } = this.#outbox.unsent;
    if (!isRefused) for (const candidate of candidates.splice(0)) void this.#outbox.sendCandidate(candidate);
    else if (answers) this.#queue.add(() => this.#sendDescription(answers));
    else if (this.hasPendingOffer) this.resendOffer();
    // The refused offer was rolled back meanwhile, and no other is being made.
    else if (this.#queue.isIdle) this.restart();
  }

  /** The link was given up: what signaling refused is not sent any more. */
  discardUnsent(): void {
    this.#outbox.discardUnsent();
  }

  /**
   * Keeps Chromium from giving the connection up, by an ICE restart that is taken back before anybody hears of it. Not towards a Firefox: it would answer
   * checks of the restart, so that Chromium moves there, but take no data from it (docs/discoveries/firefox-after-a-restart.md).
   */
  keepIceAlive(): void {
    if (isFirefox(this.remote?.sdp)) return;
    this.#queue.add(async () => {
      if (this.#pc.signalingState !== 'stable') return;
      this.#pc.restartIce();
      await this.#pc.setLocalDescription();
      await this.#pc.setLocalDescription({ type: 'rollback' });
    });
  }

  /** Takes an unanswered offer back. */
  rollback(): void {
    this.#queue.add(async () => {
      if (this.hasPendingOffer) await this.#pc.setLocalDescription({ type: 'rollback' });
    });
  }

  takeOffer(offer: Description): void {
    this.#takeDescription(offer, async () => {
      // Towards upstream we never yield: it does not resolve glare, but takes our offer in place of its own.
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
    // A candidate with a ufrag came here because the description of that ufrag is applied: it need not wait until we have answered that.
    if (ufrag !== null) void this.#runTask(add);
    else this.#queue.add(add);
  }

  /** Leaves the connection; nothing is told afterwards. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#rollbackTimer);
    this.#pc.onicecandidate = this.#pc.onicecandidateerror = null;
  }

  #listen(): void {
    const pc = this.#pc;
    pc.onicecandidate = ({ candidate }) => {
      // A runtime that does not trickle candidates has them in its description alone.
      if (!candidate && this.#reportsEmptyGathering && !pc.localDescription?.sdp.includes('a=candidate:'))
        this.#listener.fact({ type: 'gathering.empty' });
      if (!candidate?.candidate) return;
      this.#reportsEmptyGathering = false;
      const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      // Candidates of a generation that was taken back, see hold(), are not sent.
      const { ufrag } = this.#outbox;
      if (!usernameFragment || !ufrag || usernameFragment === ufrag)
        void this.#outbox.sendCandidate({ candidate: line, sdpMid, sdpMLineIndex, usernameFragment });
      // After it was sent, since the peer waits for it.
      this.#listener.gathered(hasRelay(line));
    };
    pc.onicecandidateerror = ({ errorCode }) => {
      this.#listener.serverFailed(errorCode);
      const isRefused = errorCode === 401 || errorCode === 403;
      // One server that gives a relay makes up for another that refuses.
      if (isRefused && !hasRelay(pc.localDescription?.sdp ?? '')) this.#listener.turnRefused();
    };
  }

  async #sendOffer(): Promise<void> {
    clearTimeout(this.#rollbackTimer);
    this.#rollbackTimer = setTimeout(() => this.remote && this.rollback(), UNANSWERED_OFFER_MS);
    await this.#sendDescription(undefined, await this.#createDescription('createOffer'));
  }

  /**
   * Makes and sets the local description. Older runtimes need to be told whether it is an offer or an answer: without that they throw, or set none.
   *
   * @returns its SDP.
   */
  async #createDescription(create: 'createOffer' | 'createAnswer'): Promise<string | undefined> {
    const pc = this.#pc;
    if (this.hasSent) this.#reportsEmptyGathering = false;
    try {
      await pc.setLocalDescription();
      // Read once: in Chromium each read waits for another thread.
      const { localDescription } = pc;
      if (localDescription) return localDescription.sdp;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await pc.setLocalDescription(await pc[create]());
    return pc.localDescription?.sdp;
  }

  /** Sends the local description: the answer to the offer of the ufrag `answers`, or an offer. */
  async #sendDescription(answers?: string, sdp = this.#pc.localDescription?.sdp): Promise<void> {
    // Not awaited: the next description need not wait for the relay's acknowledgement.
    void this.#outbox.sendDescription(sdp, answers).then((delivery) => {
      if (!answers && delivery !== 'refused' && !this.#isClosed) this.#listener.offerArrived();
    });
  }

  /** A description of the peer was applied. */
  #noteRemote(description: Description): void {
    this.#candidateCount = 0;
    this.#outbox.learnDtlsRole(description);
    this.remote = description;
    this.#listener.negotiated(description);
  }

  #takeDescription({ type }: Description, task: () => Promise<void>): void {
    if (this.#waitingDescriptions >= MAX_WAITING_DESCRIPTIONS) throw new SignalError('too-many', type);
    this.#waitingDescriptions += 1;
    this.#queue.add(() => task().finally(() => (this.#waitingDescriptions -= 1)));
  }

  /** Runs a task unless the connection is closed; what fails is logged. Never rejects. */
  async #runTask(task: () => Promise<void>): Promise<void> {
    try {
      if (!this.#isClosed) await task();
    } catch (error) {
      if (!this.#isClosed) this.#options.logger.debug('[WebRTC] refused:', toSignalError(error));
    }
  }
}

const hasRelay = (text: string) => text.includes(' typ relay');
