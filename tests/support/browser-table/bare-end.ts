/**
 * One bare `RTCPeerConnection` and its channels, as a story of the browser table drives it: the same code in a page of a real
 * browser and over a fake one. What goes in and out is JSON.
 */

export type Description = { type: 'offer' | 'answer'; sdp: string };

export interface EndOptions {
  readonly configuration?: RTCConfiguration;
  readonly channels?: readonly ({ label: string } & RTCDataChannelInit)[];
}

/** `what` is `ice`, `connection`, `signaling`, `pair` (another one was selected) or the label of a channel. */
interface Sight {
  readonly what: string;
  readonly state: string;
  readonly atMs: number;
}

export interface Look {
  readonly ice: string;
  readonly connection: string;
  readonly signaling: string;
  readonly sctp: string;
  readonly maxMessageSize: number | null;
  readonly channels: Readonly<Record<string, string>>;
  /** Labels of channels that the other end announced. */
  readonly announced: readonly string[];
  readonly history: readonly Sight[];
  /** Messages that came. */
  readonly received: number;
  readonly candidates: number;
  readonly candidateErrors: readonly number[];
}

export interface PairLook {
  readonly isNamedByTransport: boolean;
  readonly saysSelected: boolean;
  readonly nominated: number;
  /** Of the pair that the transport names. */
  readonly rttMs: number | null;
  /** By either end. */
  readonly isRelayed: boolean;
  readonly hasLastPacketTime: boolean;
  readonly isToldByIceTransport: boolean;
}

export interface Arrival {
  readonly label: string;
  readonly text: string;
  readonly atMs: number;
  readonly ageMs: number;
}

type Entry = Record<string, unknown> & { id: string; type: string };

const ufragOf = (description: RTCSessionDescription | null) =>
  /^a=ice-ufrag:(\S+)/m.exec(description?.sdp ?? '')?.[1];

export function createBareEnd(
  make: (configuration: RTCConfiguration) => RTCPeerConnection,
  { configuration = {}, channels = [] }: EndOptions,
) {
  const pc = make(configuration);
  const history: Sight[] = [];
  const arrivals: Arrival[] = [];
  const announced: string[] = [];
  const candidateErrors: number[] = [];
  const open = new Map<string, RTCDataChannel>();
  const senders: ReturnType<typeof setInterval>[] = [];
  const lows: boolean[] = [];
  let candidates = 0;
  let isComplete: () => void = () => undefined;

  const note = (what: string, state: string) => void history.push({ what, state, atMs: Date.now() });
  const adopt = (channel: RTCDataChannel) => {
    const { label } = channel;
    open.set(label, channel);
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => note(label, 'open');
    channel.onclose = () => note(label, 'closed');
    channel.onmessage = ({ data }) => {
      const [text = '', sentAtMs = ''] = String(data).split('@');
      arrivals.push({ label, text, atMs: Date.now(), ageMs: Date.now() - Number(sentAtMs) });
    };
  };
  const openChannel = ({ label, ...init }: { label: string } & RTCDataChannelInit) => {
    adopt(pc.createDataChannel(label, init));
    followPair();
  };
  const channelOf = (label: string) => {
    const channel = open.get(label);
    if (!channel) throw new Error(`no channel ${label}`);
    return channel;
  };
  let isFollowing = false;
  const followPair = () => {
    const transport = pc.sctp?.transport?.iceTransport;
    if (isFollowing || !transport?.addEventListener) return;
    isFollowing = true;
    transport.addEventListener('selectedcandidatepairchange', () => note('pair', 'changed'));
  };
  /** With every candidate in it, if it names a new generation. */
  const describe = async (): Promise<Description> => {
    const before = ufragOf(pc.localDescription);
    const gathered = new Promise<void>((resolve) => {
      isComplete = resolve;
    });
    await pc.setLocalDescription();
    if (ufragOf(pc.localDescription) !== before) await gathered;
    const { type = 'offer', sdp = '' } = pc.localDescription ?? {};
    return { type: type === 'answer' ? 'answer' : 'offer', sdp };
  };

  pc.oniceconnectionstatechange = () => note('ice', pc.iceConnectionState);
  pc.onconnectionstatechange = () => note('connection', pc.connectionState);
  pc.onsignalingstatechange = () => {
    note('signaling', pc.signalingState);
    followPair();
  };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate === null) isComplete();
    else if (candidate.candidate !== '') candidates += 1;
  };
  pc.onicecandidateerror = ({ errorCode }) => void candidateErrors.push(errorCode);
  pc.ondatachannel = ({ channel }) => {
    announced.push(channel.label);
    adopt(channel);
    if (channel.readyState === 'open') note(channel.label, 'open');
  };
  channels.forEach(openChannel);

  return {
    async offer(isRestart: boolean): Promise<Description> {
      if (isRestart) pc.restartIce();
      return describe();
    },
    async answer(offer: Description): Promise<Description> {
      await pc.setRemoteDescription(offer);
      return describe();
    },
    /** Describes itself out of turn: answers without an offer, and offers while one is pending. @returns what the browser says. */
    async describeOutOfTurn(offer: Description): Promise<string[]> {
      const said = (attempt: Promise<unknown>): Promise<string> =>
        attempt.then(
          () => 'done',
          ({ name }: Error) => name,
        );
      const early = await said(pc.setLocalDescription({ type: 'answer' }));
      await pc.setRemoteDescription(offer);
      return [early, await said(pc.setLocalDescription({ type: 'offer' })), await said(pc.createOffer())];
    },
    accept: (answer: Description) => pc.setRemoteDescription(answer),
    /** Offers a new generation and takes it back before the other end hears of it. */
    async stir(): Promise<void> {
      pc.restartIce();
      await pc.setLocalDescription();
      await pc.setLocalDescription({ type: 'rollback' });
    },
    openChannel,
    send: (label: string, text: string) => channelOf(label).send(`${text}@${Date.now()}`),
    /** Sends numbers, `hz` a second, from now on. */
    stream(label: string, hz: number): void {
      let sent = 0;
      const send = () => {
        if (channelOf(label).readyState === 'open') channelOf(label).send(`${sent++}@${Date.now()}`);
      };
      senders.push(setInterval(send, 1_000 / hz));
    },
    /** Sends this many bytes, this many times at once. @returns what the browser says. */
    sendBytes(label: string, bytes: number, times = 1): string {
      const data = new Uint8Array(bytes);
      try {
        for (let time = 0; time < times; time += 1) channelOf(label).send(data);
        return 'sent';
      } catch (error) {
        return error instanceof Error ? error.name : 'error';
      }
    },
    /** Sends all at once, and from now on notes when no more than the threshold waits. @returns how many bytes wait. */
    fill(label: string, texts: string[], thresholdBytes: number): number {
      const channel = channelOf(label);
      channel.bufferedAmountLowThreshold = thresholdBytes;
      channel.onbufferedamountlow = () => void lows.push(channel.bufferedAmount <= thresholdBytes);
      for (const text of texts) channel.send(text);
      return channel.bufferedAmount;
    },
    /** For each such event, whether so few bytes waited indeed: a busy browser fires it late, when even fewer wait. */
    lows: (): boolean[] => [...lows],
    arrivals: (): Arrival[] => [...arrivals],
    look: (): Look => ({
      ice: pc.iceConnectionState,
      connection: pc.connectionState,
      signaling: pc.signalingState,
      sctp: pc.sctp?.state ?? 'none',
      maxMessageSize: pc.sctp?.maxMessageSize ?? null,
      channels: Object.fromEntries([...open].map(([label, { readyState }]) => [label, readyState])),
      announced: [...announced],
      history: [...history],
      received: arrivals.length,
      candidates,
      candidateErrors: [...candidateErrors],
    }),
    async pair(): Promise<PairLook> {
      const stats = new Map<string, Entry>();
      (await pc.getStats()).forEach((entry: Entry, id: string) => void stats.set(id, entry));
      const entries = [...stats.values()];
      const pairs = entries.filter(({ type }) => type === 'candidate-pair');
      const named = stats.get(
        String(entries.find(({ type }) => type === 'transport')?.selectedCandidatePairId),
      );
      const rttS = named?.currentRoundTripTime;
      const typeOf = (id: unknown) => stats.get(String(id))?.candidateType;
      const iceTransport = pc.sctp?.transport?.iceTransport;
      return {
        isNamedByTransport: named !== undefined,
        saysSelected: pairs.some(({ selected }) => selected === true),
        nominated: pairs.filter(({ nominated, state }) => nominated === true && state === 'succeeded').length,
        rttMs: typeof rttS === 'number' ? rttS * 1_000 : null,
        isRelayed: [named?.localCandidateId, named?.remoteCandidateId].map(typeOf).includes('relay'),
        hasLastPacketTime: Number(named?.lastPacketReceivedTimestamp) > 0,
        isToldByIceTransport: Boolean(iceTransport?.getSelectedCandidatePair?.()),
      };
    },
    close(): void {
      for (const sender of senders) clearInterval(sender);
      pc.close();
    },
  };
}

export type BareEnd = ReturnType<typeof createBareEnd>;
