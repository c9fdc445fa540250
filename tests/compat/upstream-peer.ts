/**
 * The other end of a mixed pair: a player that speaks only upstream's protocol, written from the description of that protocol.
 * It sends no `holdfast` member and no heartbeat, ignores unknown types, and has one connection for its whole life. It needs only
 * its options, so that it runs in Node against the fakes as well as in a real page.
 */

type Id = string | number;

interface UpstreamSocket {
  on(event: string, listener: (message: never) => void): unknown;
  emit(event: string, message: unknown): unknown;
}

interface UpstreamSignal {
  type: string;
  from_player_id: Id;
  game_id: Id;
  payload: RTCSessionDescriptionInit & RTCIceCandidateInit;
}

export interface UpstreamPeerOptions {
  socket: UpstreamSocket;
  gameId: Id;
  myPlayerId: Id;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  iceServers?: RTCIceServer[];
  /** Upstream elects the lower id; this overrides it. */
  isInitiator?: boolean;
  /** Called when the link is lost. */
  onLost?(): void;
}

export class UpstreamPeer {
  peerConnection: RTCPeerConnection | null = null;
  dataChannel: RTCDataChannel | null = null;
  targetPeerId: Id | null = null;
  /** The announcements to its game, in order. */
  readonly told: string[] = [];
  /** Every message on every channel that it saw. */
  readonly messages: unknown[] = [];
  /** Labels of the channels that the other end opened here. */
  readonly announced: string[] = [];
  /** Types of the signals that came, including unknown ones. */
  readonly heardTypes: string[] = [];
  readonly #options: UpstreamPeerOptions;
  #early: RTCIceCandidateInit[] = [];
  #isLost = false;
  #isUnloaded = false;

  constructor(options: UpstreamPeerOptions) {
    this.#options = options;
    // Upstream ignores what goes wrong with a signal.
    options.socket.on('webrtc_signal', (signal: UpstreamSignal) => {
      if (this.#isUnloaded) return;
      this.#handleSignal(signal).catch(() => {});
    });
  }

  get isInitiator(): boolean {
    const { isInitiator, myPlayerId } = this.#options;
    return isInitiator ?? Number(myPlayerId) < Number(this.targetPeerId);
  }

  async connectToPeer(peerId: Id): Promise<void> {
    this.targetPeerId = peerId;
    if (!this.isInitiator) return;
    const pc = this.#create();
    this.#adopt(pc.createDataChannel('game', { ordered: false, maxRetransmits: 0 }));
    await this.#offer(pc);
  }

  /** Only the initiator sends an offer; the other side returns true and waits. */
  async attemptIceRestart(): Promise<boolean> {
    const pc = this.peerConnection;
    if (!pc) return false;
    if (this.isInitiator) await this.#offer(pc, { iceRestart: true });
    return true;
  }

  send(data: string): boolean {
    if (this.dataChannel?.readyState !== 'open') return false;
    this.dataChannel.send(data);
    return true;
  }

  /** The page is gone, and so are its listeners. */
  unload(): void {
    this.close();
    this.#isUnloaded = true;
  }

  close(): void {
    this.dataChannel?.close();
    this.peerConnection?.close();
    this.peerConnection = this.dataChannel = null;
  }

  async #offer(pc: RTCPeerConnection, options?: RTCOfferOptions): Promise<void> {
    const offer = await pc.createOffer(options);
    await pc.setLocalDescription(offer);
    this.#send('offer', { type: offer.type, sdp: offer.sdp });
  }

  #create(): RTCPeerConnection {
    const { createPeerConnection, iceServers = [] } = this.#options;
    const pc = createPeerConnection({ iceServers });
    this.peerConnection = pc;
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      this.#send('ice-candidate', {
        candidate: candidate.candidate,
        sdpMid,
        sdpMLineIndex,
        usernameFragment,
      });
    };
    pc.ondatachannel = ({ channel }) => {
      this.announced.push(channel.label);
      this.#adopt(channel);
    };
    pc.oniceconnectionstatechange = () => this.#onIceState(pc.iceConnectionState);
    return pc;
  }

  #onIceState(state: RTCIceConnectionState): void {
    if (state === 'disconnected' && !this.#isLost) {
      this.#isLost = true;
      this.told.push('lost');
      this.#options.onLost?.();
    }
    if ((state === 'connected' || state === 'completed') && this.#isLost) {
      this.#isLost = false;
      this.told.push('restored');
    }
  }

  #adopt(channel: RTCDataChannel): void {
    this.dataChannel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.told.push('open');
    channel.onclose = () => this.told.push('close');
    channel.onmessage = ({ data }) => this.messages.push(data);
  }

  async #handleSignal({ type, from_player_id: from, payload }: UpstreamSignal): Promise<void> {
    this.heardTypes.push(type);
    if (type === 'offer') await this.#handleOffer(from, payload);
    else if (type === 'answer') await this.#handleAnswer(payload);
    else if (type === 'ice-candidate') await this.#handleCandidate(payload);
  }

  async #handleOffer(from: Id, offer: RTCSessionDescriptionInit): Promise<void> {
    this.targetPeerId ??= from;
    const pc = this.peerConnection ?? this.#create();
    await pc.setRemoteDescription(offer);
    await this.#feedEarly(pc);
    const answer = await pc.createAnswer();
    await pc.setLocalDescription(answer);
    this.#send('answer', { type: answer.type, sdp: answer.sdp });
  }

  async #handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    const pc = this.peerConnection;
    if (pc?.signalingState !== 'have-local-offer') return;
    await pc.setRemoteDescription(answer);
    await this.#feedEarly(pc);
  }

  async #handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    const pc = this.peerConnection;
    if (!pc?.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    // Upstream ignores what the browser refuses.
    await pc.addIceCandidate(candidate).catch(() => {});
  }

  async #feedEarly(pc: RTCPeerConnection): Promise<void> {
    for (const candidate of this.#early.splice(0)) await pc.addIceCandidate(candidate).catch(() => {});
  }

  #send(type: string, payload: unknown): void {
    const { socket, gameId } = this.#options;
    socket.emit('webrtc_signal', { game_id: gameId, target_player_id: this.targetPeerId, type, payload });
  }
}
