import { WebRTCManager, type WebRTCManagerOptions } from 'holdfast';
import { createFakeWorld, type FakeEnd, type FakeWorld, type FakeWorldOptions } from 'holdfast/testing';
import { expect, onTestFinished, vi } from 'vitest';

/** A callback that a game got: its name and its arguments. */
export type Heard = [name: string, ...payload: unknown[]];

export interface Player {
  readonly manager: WebRTCManager;
  readonly end: FakeEnd;
  readonly heard: Heard[];
  /** Lines that the library logged, with their level. */
  readonly lines: { level: string; line: unknown[] }[];
}

export interface Players {
  readonly world: FakeWorld;
  readonly a: Player;
  readonly b: Player;
}

export const CALLBACKS = [
  'onDataChannelOpen',
  'onDataChannelMessage',
  'onDataChannelClose',
  'onConnectionFailed',
  'onConnectionTypeDetected',
  'onQualityDegraded',
  'onConnectionLost',
  'onConnectionRestored',
] as const;

export type CallbackName = (typeof CALLBACKS)[number];

/** Time under fake timers: long enough for any handshake without delay. */
export const HANDSHAKE_MS = 500;

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** How many timers run besides those of the world: the library's. */
export const libraryTimers = (world: FakeWorld) => vi.getTimerCount() - world.runningTimers;

/** A fake world on fake timers; both end with the test. */
export function startWorld(options: FakeWorldOptions = {}): FakeWorld {
  vi.useFakeTimers();
  const world = createFakeWorld(options);
  onTestFinished(() => {
    world.dispose();
    vi.useRealTimers();
  });
  return world;
}

/** A manager on one page, with a record of its callbacks. */
export function createPlayer(world: FakeWorld, end: FakeEnd, options: WebRTCManagerOptions = {}): Player {
  const lines: Player['lines'] = [];
  const at =
    (level: string) =>
    (...line: unknown[]) =>
      void lines.push({ level, line });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const manager = new WebRTCManager(end.socket, world.gameId, end.playerId, {
    environment: end.environment,
    logger,
    ...options,
  });
  onTestFinished(() => manager.close());
  const heard: Heard[] = [];
  for (const name of CALLBACKS)
    manager[name] = (...payload: unknown[]) => void heard.push([name, ...payload]);
  return { manager, end, heard, lines };
}

export function createPlayers(
  options: WebRTCManagerOptions = {},
  worldOptions: FakeWorldOptions = {},
  optionsOfFirst: WebRTCManagerOptions = {},
): Players {
  const world = startWorld(worldOptions);
  return {
    world,
    a: createPlayer(world, world.a, { ...options, ...optionsOfFirst }),
    b: createPlayer(world, world.b, options),
  };
}

/** Both call `connectToPeer` and are connected; earlier callbacks are forgotten. */
export async function connectPlayers(
  options: WebRTCManagerOptions = {},
  worldOptions: FakeWorldOptions = {},
  optionsOfFirst: WebRTCManagerOptions = {},
): Promise<Players> {
  const players = createPlayers(options, worldOptions, optionsOfFirst);
  const { a, b } = players;
  void a.manager.connectToPeer(b.end.playerId);
  void b.manager.connectToPeer(a.end.playerId);
  await pass(HANDSHAKE_MS);
  expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  for (const { heard } of [a, b]) heard.length = 0;
  return players;
}

export const namesOf = (heard: readonly Heard[]) => heard.map(([name]) => name);

/** How often a callback was called. */
export const countOf = (heard: readonly Heard[], name: CallbackName) =>
  heard.filter(([each]) => each === name).length;

/** Types of the signals that a player has handed to the relay, in order. */
export const signalsOf = ({ relay }: FakeWorld, { playerId }: FakeEnd) =>
  relay.signals.filter(({ from }) => from === playerId).map(({ message }) => message.type);

/** The signals that a player refused, by the level of the log line and the reason. */
export const refusalsOf = ({ lines }: Player) =>
  lines.flatMap(({ level, line }) =>
    line
      .filter((part) => part instanceof Error && part.name === 'SignalError')
      .map((part) => `${level} ${String(Reflect.get(Object(part), 'reason'))}`),
  );
