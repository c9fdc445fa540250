import { type ConnectionEvent, createConnectionMachine, PRESETS } from 'holdfast/machines';
import { type Actor, createActor, type InspectionEvent } from 'xstate';

/** One of each event that can be tried; an event without a sample is listed on the page, and not pressed. */
const SAMPLES: { [Type in ConnectionEvent['type']]?: Extract<ConnectionEvent, { type: Type }> } = {
  connect: { type: 'connect' },
  'channel.opened': { type: 'channel.opened' },
  'link.up': { type: 'link.up' },
  'life.silent': { type: 'life.silent', silentForMs: 1_000 },
  'life.back': { type: 'life.back' },
  'ice.disconnected': { type: 'ice.disconnected' },
  'ice.failed': { type: 'ice.failed' },
  'channel.closed': { type: 'channel.closed' },
  'gathering.empty': { type: 'gathering.empty' },
  restart: { type: 'restart' },
  'attempt.counted': { type: 'attempt.counted' },
  'attempt.failed': { type: 'attempt.failed' },
  'remote.offer': { type: 'remote.offer', offer: 1 },
  'remote.restart': { type: 'remote.restart', offer: 1 },
  'remote.rebuild': { type: 'remote.rebuild', offer: 1 },
  'remote.rejoin': { type: 'remote.rejoin', offer: 1 },
  'network.changed': { type: 'network.changed' },
  'page.resumed': { type: 'page.resumed' },
  'signaling.down': { type: 'signaling.down' },
  'signaling.up': { type: 'signaling.up' },
  'environment.asleep': { type: 'environment.asleep' },
  'environment.awake': { type: 'environment.awake' },
  'peer.learned': {
    type: 'peer.learned',
    evidence: { remote: 'holdfast', channel: 'open', relayAvailable: true },
  },
  'credentials.expiring': { type: 'credentials.expiring' },
  'remote.left': { type: 'remote.left' },
  close: { type: 'close' },
};

/** The machine alone, with real timers and no link: every arrow can be tried by hand. */
export class Demo {
  readonly #actor: Actor<ReturnType<typeof createConnectionMachine>>;

  constructor(inspect: (event: InspectionEvent) => void) {
    this.#actor = createActor(createConnectionMachine({ random: Math.random }), {
      input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
      inspect,
    });
    this.#actor.start();
  }

  /** The events that mean something now. */
  get possible(): ConnectionEvent[] {
    const snapshot = this.#actor.getSnapshot();
    return Object.values(SAMPLES).filter((event) => snapshot.can(event));
  }

  send(event: ConnectionEvent): void {
    this.#actor.send(event);
  }

  stop(): void {
    this.#actor.stop();
  }
}
