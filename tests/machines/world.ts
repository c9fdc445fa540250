import { createActor, fromCallback, SimulatedClock } from 'xstate';
import {
  type Announcement,
  type ConnectionEvent,
  type ConnectionSnapshot,
  createConnectionMachine,
  type Evidence,
  type PeerCommand,
  PRESETS,
  type RecoveryPolicy,
  type Timings,
  toStatus,
} from '../../machines';

export interface ConnectionWorld {
  timings?: Partial<Timings>;
  browser?: 'chromium' | 'firefox' | 'other';
  relayOnly?: boolean;
  policy?: RecoveryPolicy;
  random?: () => number;
}

const wordOf = (announcement: Announcement) =>
  announcement.type === 'failed' ? `failed: ${announcement.failure.reason}` : announcement.type;

/** The value of a snapshot as a path: `restarting.waiting.backoff`. */
const pathOf = (value: ConnectionSnapshot['value'] | object): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([key, inner]) => `${key}.${pathOf(inner)}`)
        .join();

/** More than the chart takes in one step, so that a machine that goes round in circles fails instead of hanging. */
const MAX_MICROSTEPS = 50;

function restless() {
  let microsteps = 0;
  return ({ type }: { type: string }) => {
    microsteps = type === '@xstate.microstep' ? microsteps + 1 : 0;
    if (microsteps > MAX_MICROSTEPS) throw new Error('the machine never comes to rest');
  };
}

/** A connection machine in a world of its own: simulated time, a peer that only records its commands, a game that only listens. */
export function startConnection({
  timings,
  browser = 'chromium',
  relayOnly = false,
  policy,
  random,
}: ConnectionWorld = {}) {
  const clock = new SimulatedClock();
  const commands: PeerCommand[] = [];
  const told: string[] = [];
  const visited: string[] = [];
  const machine = createConnectionMachine({ ...(policy && { policy }), ...(random && { random }) }).provide({
    actors: {
      peer: fromCallback<PeerCommand>(({ receive }) => {
        receive((command) => void commands.push(command));
      }),
    },
  });
  const input = { timings: { ...PRESETS.default, ...timings }, browser, relayOnly };
  const actor = createActor(machine, { clock, input, inspect: restless() });
  actor.subscribe({
    next: (snapshot) => {
      const path = pathOf(snapshot.value);
      if (visited.at(-1) !== path) visited.push(path);
    },
    error: (error) => void told.push(String(error)),
  });
  actor.start();
  actor.getSnapshot().children.outage?.on('*', (announcement) => told.push(wordOf(announcement)));

  const send = (...events: (ConnectionEvent | PlainEvent)[]) => {
    for (const event of events) actor.send(typeof event === 'string' ? { type: event } : event);
  };
  return {
    actor,
    clock,
    commands,
    told,
    visited,
    send,
    learn: (evidence: Partial<Evidence>) => send({ type: 'peer.learned', evidence }),
    /** Which commands of this type were given. */
    given: (type: PeerCommand['type']) => commands.filter((command) => command.type === type),
    get path() {
      return pathOf(actor.getSnapshot().value);
    },
    get context() {
      return actor.getSnapshot().context;
    },
    get status() {
      return toStatus(actor.getSnapshot());
    },
  };
}

/** The events that need no payload. */
export type PlainEvent =
  Extract<ConnectionEvent, { type: string }> extends infer Event
    ? Event extends { type: infer Type extends string }
      ? { type: Type } extends Event
        ? Type
        : never
      : never
    : never;

type World = ReturnType<typeof startConnection>;

/** A link between two Holdfast peers that is up. */
export function startConnected(options: ConnectionWorld = {}): World {
  const world = startConnection(options);
  world.send('connect');
  world.learn({ remote: 'holdfast', answered: true, channel: 'open' });
  world.send('channel.opened', 'link.up');
  world.told.length = world.commands.length = world.visited.length = 0;
  return world;
}

/** The same towards an upstream peer. */
export function startConnectedToUpstream(options: ConnectionWorld = {}): World {
  const world = startConnected(options);
  world.learn({ remote: 'upstream' });
  return world;
}
