import {
  broadcast,
  type ChannelLike,
  createRecorder,
  INSPECT_CHANNEL,
  type InspectMessage,
  lockNameOf,
  parseMessage,
  RELAY_EVENT,
  type Recorder,
  relay,
  replay,
  type SessionRecord,
} from 'holdfast/inspect';
import { createControl } from 'holdfast/inspect/control';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPlayer, pass, startWorld } from '../contract/players';
import { eventually } from '../support/eventually';
import { recordsOf } from './fixtures';
import { connectRecorded } from './recorded';

/** Channels of one origin, in memory: messages reach the others a moment later, as copies. */
function origin() {
  const channels = new Set<ChannelLike>();
  return (): ChannelLike => {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage(message) {
        const data = structuredClone(message);
        for (const other of channels)
          if (other !== channel)
            queueMicrotask(() => other.onmessage?.(new MessageEvent('message', { data })));
      },
      close: () => void channels.delete(channel),
    };
    channels.add(channel);
    return channel;
  };
}

/** A viewer that keeps one record for each link and number. */
function watchOn(channel: ChannelLike) {
  const messages: InspectMessage[] = [];
  const records = new Map<string, SessionRecord>();
  channel.onmessage = ({ data }) => {
    const message = parseMessage(data);
    if (!message) throw new Error('a source posted what is no message');
    messages.push(message);
    if (message.type === 'records')
      for (const record of message.records) records.set(`${record.link} ${record.seq}`, record);
  };
  return {
    messages,
    get records() {
      return [...records.values()].sort((a, b) => a.seq - b.seq);
    },
    say: (message: unknown) => channel.postMessage(message),
  };
}

const HELLO = { holdfast: 1, type: 'hello' };
const ago = (recorder: Recorder) => recorder.records.map((record) => ({ ...record }));

describe('broadcast', () => {
  it('shows a present viewer each record once, in small batches', async () => {
    const open = origin();
    const viewer = watchOn(open());
    const { recorder, world } = await connectRecorded();
    broadcast(recorder, { channel: open() });
    world.network.cut();
    await pass(3_000);
    expect(viewer.records).toEqual(ago(recorder));
    const batches = viewer.messages.filter(({ type }) => type === 'records');
    expect(batches.length).toBeLessThan(recorder.records.length);
  });

  it('sends a late viewer everything that is kept, the charts first', async () => {
    const open = origin();
    const { recorder } = await connectRecorded();
    broadcast(recorder, { channel: open() });
    await pass(2_000);
    const viewer = watchOn(open());
    viewer.say(HELLO);
    await pass(100);
    expect(viewer.records[0]).toMatchObject({
      kind: 'session',
      machines: { connection: { id: 'connection' } },
    });
    expect(viewer.records).toEqual(ago(recorder));
    expect(replay(viewer.records)).toEqual([]);
  });

  it('says bye when it stops, and nothing afterwards', async () => {
    const open = origin();
    const viewer = watchOn(open());
    const { recorder, a, b } = await connectRecorded();
    const stop = broadcast(recorder, { channel: open() });
    stop();
    await pass(100);
    expect(viewer.messages.at(-1)).toEqual({ holdfast: 1, type: 'bye', link: recorder.link });
    recorder.mark('unheard');
    viewer.say(HELLO);
    await pass(1_000);
    expect(viewer.messages.at(-1)).toMatchObject({ type: 'bye' });
    for (const { manager } of [a, b]) manager.close();
  });

  it('keeps recording if the channel refuses', async () => {
    const { recorder } = await connectRecorded();
    const postMessage = () => {
      throw new DOMException('closed', 'InvalidStateError');
    };
    broadcast(recorder, { channel: { onmessage: null, postMessage, close: () => {} } });
    recorder.mark('still here');
    await pass(1_000);
    expect(recorder.records.some((record) => record.kind === 'mark')).toBe(true);
  });

  it('holds a lock until it stops, so that a viewer notices a page that was killed', async () => {
    const locks = new Map<string, Promise<unknown>>();
    const request = (name: string, hold: () => Promise<unknown>) => {
      const held = hold();
      locks.set(name, held);
      return held.finally(() => locks.delete(name));
    };
    vi.stubGlobal('navigator', { locks: { request } });
    const recorder = createRecorder();
    const stop = broadcast(recorder, { channel: origin()() });
    expect([...locks.keys()]).toEqual([lockNameOf(recorder.link)]);
    stop();
    await eventually(() => expect(locks.size).toBe(0));
    vi.unstubAllGlobals();
  });

  it('opens the channel of its own name', async () => {
    const opened: string[] = [];
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        onmessage = null;
        constructor(name: string) {
          opened.push(name);
        }
        postMessage() {}
        close() {}
      },
    );
    broadcast(createRecorder())();
    vi.unstubAllGlobals();
    expect(opened).toEqual([INSPECT_CHANNEL]);
  });
});

describe('a control', () => {
  const restart = (link: string) => ({ holdfast: 1, type: 'control', link, event: { type: 'restart' } });

  it('is ignored by a broadcast without the option', async () => {
    const open = origin();
    const viewer = watchOn(open());
    const { recorder, a } = await connectRecorded();
    broadcast(recorder, { channel: open() });
    for (const type of ['restart', 'close'])
      viewer.say({ holdfast: 1, type: 'control', link: recorder.link, event: { type } });
    await pass(500);
    expect(a.manager.state).toBe('connected');
    expect(
      recorder.records.some((record) => record.kind === 'event' && record.event.type === 'restart'),
    ).toBe(false);
    expect(viewer.messages).toContainEqual(
      expect.objectContaining({ type: 'records', isControllable: false }),
    );
  });

  async function startControlled() {
    const world = startWorld();
    const recorder = createRecorder();
    const control = createControl();
    if (!control) throw new Error('no control in development');
    const a = createPlayer(world, world.a, { inspect: control.inspect(recorder.inspect) });
    const b = createPlayer(world, world.b);
    recorder.attach(a.manager);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(500);
    const open = origin();
    const viewer = watchOn(open());
    broadcast(recorder, { channel: open(), control: control.of(a.manager) });
    await pass(100);
    const say = (event: object) => viewer.say({ holdfast: 1, type: 'control', link: recorder.link, event });
    const receivedBy = () =>
      recorder.records.flatMap((each) => (each.kind === 'event' ? each.event.type : []));
    return { a, recorder, viewer, say, receivedBy };
  }

  it('restarts the link, and only the one that it names', async () => {
    const { recorder, viewer, receivedBy } = await startControlled();
    viewer.say(restart('another'));
    await pass(100);
    expect(receivedBy()).not.toContain('restart');
    viewer.say(restart(recorder.link));
    await pass(100);
    expect(receivedBy()).toContain('restart');
    expect(viewer.messages[0]).toMatchObject({ isControllable: true });
  });

  it('closes the link', async () => {
    const { a, say } = await startControlled();
    say({ type: 'close' });
    await pass(100);
    expect(a.manager.state).toBe('closed');
  });

  it('simulates a loss for the machine, which recovers from it, in a recording that replays', async () => {
    const { a, recorder, say } = await startControlled();
    say({ type: 'simulate-loss', fact: 'ice.failed' });
    await pass(0);
    expect(a.manager.state).toBe('restarting');
    await pass(5_000);
    expect(a.manager.state).toBe('connected');
    expect(replay(recorder.records)).toEqual([]);
  });

  it.each([{ type: 'eval' }, { type: 'simulate-loss', fact: 'link.up' }, null, 'restart'])(
    'with the event %j is not a message',
    (event) => {
      expect(parseMessage({ holdfast: 1, type: 'control', link: 'x', event })).toBeNull();
    },
  );
});

describe('relay', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A socket that records what is sent; the test can send to it. */
  function noteSocket() {
    const sent: { event: string; packet: { game_id: unknown; message: InspectMessage } }[] = [];
    const listeners = new Map<string, Set<(packet: unknown) => void>>();
    const of = (event: string) => listeners.get(event) ?? new Set();
    return {
      sent,
      connected: true,
      on: (event: string, listener: (packet: unknown) => void) =>
        listeners.set(event, of(event).add(listener)),
      off: (event: string, listener: (packet: unknown) => void) => of(event).delete(listener),
      emit(event: string, ...[packet]: unknown[]) {
        sent.push({ event, packet: Object(packet) });
      },
      say: (packet: unknown) => {
        for (const listener of of(RELAY_EVENT)) listener(packet);
      },
      get listening() {
        return of(RELAY_EVENT).size;
      },
    };
  }
  const recordsIn = ({ sent }: ReturnType<typeof noteSocket>) =>
    sent.flatMap(({ packet: { message } }) => (message.type === 'records' ? message.records : []));

  it('sends records under the id of the game, a little at a time', async () => {
    const recorder = createRecorder();
    const socket = noteSocket();
    relay(recorder, socket, { gameId: 'duel' });
    for (let count = 0; count < 200; count += 1) recorder.mark(`mark ${count}`);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.sent.length).toBeLessThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(recordsIn(socket)).toEqual(ago(recorder));
    for (const { event, packet } of socket.sent) {
      expect([event, packet.game_id]).toEqual([RELAY_EVENT, 'duel']);
      expect(JSON.stringify(packet).length).toBeLessThan(64 * 1_024);
    }
  });

  it('answers a hello with the session and the newest records', async () => {
    const recorder = createRecorder({ maxRecords: 2_000 });
    for (let count = 0; count < 1_500; count += 1) recorder.mark(`mark ${count}`);
    const socket = noteSocket();
    relay(recorder, socket, { gameId: 'duel' });
    await vi.advanceTimersByTimeAsync(30_000);
    socket.sent.length = 0;
    socket.say({ game_id: 'duel', message: HELLO });
    await vi.advanceTimersByTimeAsync(30_000);
    const told = recordsIn(socket);
    expect(told.length).toBe(400);
    expect(told.at(-1)).toMatchObject({ text: 'mark 1499' });
  });

  it('ignores controls, and keeps nothing for a socket that is away', async () => {
    const recorder = createRecorder();
    const socket = noteSocket();
    const stop = relay(recorder, socket, { gameId: 'duel' });
    socket.connected = false;
    recorder.mark('unsent');
    socket.say({ message: { holdfast: 1, type: 'control', link: recorder.link, event: { type: 'close' } } });
    socket.say('nonsense');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.sent).toEqual([]);
    stop();
    expect(socket.listening).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a message', () => {
  it('that contains real records is read as it was sent', () => {
    const records = recordsOf('outage');
    const message = { holdfast: 1, type: 'records', isControllable: true, records };
    expect(parseMessage(structuredClone(message))).toEqual(message);
  });

  it.each([
    null,
    'hello',
    [],
    {},
    { holdfast: 2, type: 'hello' },
    { holdfast: 1, type: 'records' },
    { holdfast: 1, type: 'bye' },
    { holdfast: 1, type: 'control', link: 'x' },
  ])('is refused: %j', (value) => {
    expect(parseMessage(value)).toBeNull();
  });

  it('loses what is not a record', () => {
    const [good] = recordsOf('outage');
    const bad = [
      null,
      { ...good, v: 2 },
      { ...good, seq: 0 },
      { ...good, kind: 'x' },
      { ...good, machines: {} },
    ];
    const message = parseMessage({ holdfast: 1, type: 'records', records: [...bad, good] });
    expect(message).toMatchObject({ records: [good] });
    expect(message?.type === 'records' && message.records.length).toBe(1);
  });
});
