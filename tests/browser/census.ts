/**
 * Counts what a page keeps alive. Runs in the page, before the library is loaded, so it uses nothing from outside itself.
 *
 * The page itself has timers and listeners already; compare a {@link Census} with an earlier one.
 */

export interface Census {
  /** `RTCPeerConnection`s created so far. */
  readonly made: number;
  /** Those of them that are not closed. */
  readonly open: number;
  readonly timeouts: number;
  readonly intervals: number;
  /** Listeners on window, document, `navigator.connection` and every connection, channel and transport. */
  readonly listeners: number;
  /** `on…` properties that are set on connections and their channels, including closed ones. */
  readonly handlers: number;
}

declare global {
  interface Window {
    census(): Census;
  }
}

export function installCensus(): void {
  // Weakly, so that the census itself keeps nothing alive.
  const connections: WeakRef<RTCPeerConnection>[] = [];
  const channels: WeakRef<RTCDataChannel>[] = [];
  const present = <Target extends object>(refs: readonly WeakRef<Target>[]) =>
    refs.flatMap((ref) => ref.deref() ?? []);
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  const timeouts = new Set<unknown>();
  const intervals = new Set<unknown>();
  const listeners: { target: EventTarget; type: string; listener: unknown }[] = [];

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(new WeakRef(this));
      const meet = ({ channel }: RTCDataChannelEvent) => channels.push(new WeakRef(channel));
      Reflect.apply(add, this, ['datachannel', meet]);
    }
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init);
      channels.push(new WeakRef(channel));
      return channel;
    }
  };

  const { setTimeout: realTimeout, setInterval: realInterval } = window;
  const { clearTimeout: dropTimeout, clearInterval: dropInterval } = window;
  Object.assign(window, {
    setTimeout: (handler: unknown, delayMs?: number, ...args: unknown[]) => {
      const run = (...given: unknown[]) => {
        timeouts.delete(timer);
        if (typeof handler === 'function') Reflect.apply(handler, window, given);
      };
      const timer = Reflect.apply(realTimeout, window, [run, delayMs, ...args]);
      timeouts.add(timer);
      return timer;
    },
    setInterval: (...args: unknown[]) => {
      const timer = Reflect.apply(realInterval, window, args);
      intervals.add(timer);
      return timer;
    },
    // Either clears what the other created, as the specification says.
    clearTimeout: (timer: number) => {
      timeouts.delete(timer);
      intervals.delete(timer);
      dropTimeout.call(window, timer);
    },
    clearInterval: (timer: number) => {
      timeouts.delete(timer);
      intervals.delete(timer);
      dropInterval.call(window, timer);
    },
  });

  Object.assign(EventTarget.prototype, {
    addEventListener(this: EventTarget | undefined, type: string, listener: unknown, ...rest: unknown[]) {
      const target = this ?? window;
      listeners.push({ target, type, listener });
      return Reflect.apply(add, target, [type, listener, ...rest]);
    },
    removeEventListener(this: EventTarget | undefined, type: string, listener: unknown, ...rest: unknown[]) {
      const target = this ?? window;
      const at = listeners.findIndex(
        (each) => each.target === target && each.type === type && each.listener === listener,
      );
      if (at >= 0) listeners.splice(at, 1);
      return Reflect.apply(remove, target, [type, listener, ...rest]);
    },
  });

  const handlersOf = (target: object) => {
    let count = 0;
    for (const name in target) if (name.startsWith('on') && Reflect.get(target, name) !== null) count += 1;
    return count;
  };
  const isOurs = (target: EventTarget) => !(target instanceof WebSocket || target instanceof XMLHttpRequest);
  window.census = () => ({
    made: connections.length,
    open: present(connections).filter(({ signalingState }) => signalingState !== 'closed').length,
    timeouts: timeouts.size,
    intervals: intervals.size,
    listeners: listeners.filter(({ target }) => isOurs(target)).length,
    handlers: [...present(connections), ...present(channels)].reduce(
      (sum, target) => sum + handlersOf(target),
      0,
    ),
  });
}
