/** Runs in both pages. It is sent as text, so it may use only its argument and globals of the page. */

export interface PairsOptions {
  pairs: number;
  /** Reliability of the game's channel. */
  game: RTCDataChannelInit;
  pingMs: number;
  /** From this age on a message counts as stale, in ms. */
  staleMs: number;
  /** Silence after which arriving messages are suspect, in ms. */
  silenceMs: number;
}

/** Messages received since `forget`, by what a gate that waits for an echo would have done with them. */
export interface Arrivals {
  stalePassed: number;
  staleHeldBack: number;
  freshHeldBack: number;
  /** Pairs with a stale message. */
  pairsWithStale: number;
}

export interface PairsHandle {
  offer(): Promise<string[]>;
  answer(offers: string[]): Promise<string[]>;
  accept(answers: string[]): Promise<void>;
  forget(): void;
  arrivals(): Arrivals;
  /** For each pair, the longest time since `forget` without a message on either channel, in ms. */
  silencesMs(): number[];
  /** For each pair, the share of pings without an echo, in [0, 1]. */
  losses(): number[];
}

declare global {
  var pairs: PairsHandle;
}

/** Bare connections, each with pings and 60 messages a second, which are sent whatever happens. */
export function installPairs({ pairs, game: gameInit, pingMs, staleMs, silenceMs }: PairsOptions): void {
  const TICK_MS = 1_000 / 60;
  const none = () => ({ stalePassed: 0, staleHeldBack: 0, freshHeldBack: 0 });
  const make = () => {
    const pc = new RTCPeerConnection();
    const init = { negotiated: true, ordered: false };
    const game = pc.createDataChannel('game', { ...init, ...gameInit, id: 0 });
    const control = pc.createDataChannel('control', { ...init, id: 2, maxPacketLifeTime: 250 });
    const end = { pc, counts: none(), longestMs: 0, pings: 0, echoes: 0 };
    let heardAtMs = performance.now();
    let gate: 'open' | 'shut' | number = 'open';
    let seq = 0;
    let tick = 0;
    const ping = () => {
      seq += 1;
      end.pings += 1;
      control.send(`p${seq}`);
      return seq;
    };
    const hear = () => {
      const quietForMs = performance.now() - heardAtMs;
      end.longestMs = Math.max(end.longestMs, quietForMs);
      if (quietForMs > silenceMs) gate = 'shut';
      heardAtMs = performance.now();
      if (gate === 'shut') gate = ping();
    };
    control.onmessage = ({ data }) => {
      hear();
      const number = Number(data.slice(1));
      if (data[0] === 'p') control.send(`q${number}`);
      else {
        end.echoes += 1;
        if (gate !== 'shut' && gate !== 'open' && number >= gate) gate = 'open';
      }
    };
    game.onmessage = ({ data }) => {
      hear();
      const isStale = Date.now() - Number(data.slice(0, 13)) > staleMs;
      if (gate !== 'open') end.counts[isStale ? 'staleHeldBack' : 'freshHeldBack'] += 1;
      else if (isStale) end.counts.stalePassed += 1;
    };
    setInterval(() => {
      tick += 1;
      if (game.readyState !== 'open' || control.readyState !== 'open') return;
      game.send(`${Date.now()}${'.'.repeat(30)}`);
      if (tick % Math.round(pingMs / TICK_MS) === 0) ping();
    }, TICK_MS);
    return end;
  };
  const ends = Array.from({ length: pairs }, make);
  const described = async (pc: RTCPeerConnection) => {
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete')
      await new Promise((resolve) => pc.addEventListener('icegatheringstatechange', resolve, { once: true }));
    return pc.localDescription?.sdp ?? '';
  };
  globalThis.pairs = {
    offer: () => Promise.all(ends.map(({ pc }) => described(pc))),
    answer: (offers) =>
      Promise.all(
        ends.map(async ({ pc }, index) => {
          await pc.setRemoteDescription({ type: 'offer', sdp: offers[index] ?? '' });
          return described(pc);
        }),
      ),
    async accept(answers) {
      await Promise.all(
        ends.map(({ pc }, index) => pc.setRemoteDescription({ type: 'answer', sdp: answers[index] ?? '' })),
      );
    },
    forget() {
      for (const end of ends) Object.assign(end, { counts: none(), longestMs: 0, pings: 0, echoes: 0 });
    },
    silencesMs: () => ends.map(({ longestMs }) => longestMs),
    losses: () => ends.map(({ pings, echoes }) => 1 - echoes / pings),
    arrivals() {
      const sum = { ...none(), pairsWithStale: 0 };
      for (const { counts } of ends) {
        sum.stalePassed += counts.stalePassed;
        sum.staleHeldBack += counts.staleHeldBack;
        sum.freshHeldBack += counts.freshHeldBack;
        sum.pairsWithStale += Number(counts.stalePassed + counts.staleHeldBack > 0);
      }
      return sum;
    },
  };
}
