import {
  createRecorder,
  type InspectMessage,
  type RecordBody,
  type Recorder,
  type SessionRecord,
} from 'holdfast/inspect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SourceOptions, serveRecords } from '../../src/inspect/source';
import { DIRECT, mark, moved, SESSION, toldOutage, written } from './written';

const GATHER_MS = 40;
const up = moved('checking', 'connected');
const marks = (count: number) => Array.from({ length: count }, (_, index) => mark(`mark ${index}`));

/** A recorder written by hand, and what its port received: the numbers of the records in each message. */
function serve(bodies: RecordBody[], options: Partial<SourceOptions> = {}) {
  const kept: RecordBody[] = [...bodies];
  const records = () => written(...kept.map((body): [number, RecordBody] => [0, body]));
  const listeners = new Set<(record: SessionRecord) => void>();
  const recorder: Recorder = {
    ...createRecorder({ world: { randomId: () => 'written' } }),
    get records() {
      return records();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const told: unknown[] = [];
  const messages: InspectMessage[] = [];
  const handlers = new Set<(data: unknown) => void>();
  const stop = serveRecords({
    recorder,
    port: {
      post(message) {
        messages.push(message);
        told.push(message.type === 'records' ? message.records.map(({ seq }) => seq) : message.type);
      },
      listen(handler) {
        handlers.add(handler);
        return () => void handlers.delete(handler);
      },
    },
    gatherMs: GATHER_MS,
    perMessage: 2,
    maxBacklog: 3,
    ...options,
  });
  return {
    stop,
    messages,
    /** What was sent since the last call. */
    told: () => told.splice(0),
    add(...added: RecordBody[]) {
      for (const body of added) {
        kept.push(body);
        const record = records().at(-1);
        for (const listener of listeners) if (record) listener(record);
      }
    },
    say(message: unknown) {
      for (const handler of handlers) handler(message);
    },
    listening: () => handlers.size + listeners.size,
  };
}

const HELLO = { holdfast: 1, type: 'hello' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a source', () => {
  it('sends existing records at once, a few per message', () => {
    expect(serve(marks(3)).told()).toEqual([[1, 2], [3]]);
    expect(serve([]).told()).toEqual([]);
  });

  it('sends new records together, a moment later', () => {
    const { add, told } = serve([]);
    add(mark('a'));
    vi.advanceTimersByTime(GATHER_MS - 1);
    add(...marks(2));
    expect(told()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told()).toEqual([[1, 2], [3]]);
    vi.advanceTimersByTime(GATHER_MS);
    add(mark('b'));
    vi.advanceTimersByTime(GATHER_MS);
    expect(told()).toEqual([[4]]);
  });

  it('answers a hello with what waits, and then with everything', () => {
    const { add, told, say } = serve(marks(1));
    add(mark('a'));
    told();
    say(HELLO);
    expect(told()).toEqual([[2], [1, 2]]);
    vi.advanceTimersByTime(GATHER_MS);
    expect(told()).toEqual([]);
  });

  it('sends the newest records, after the session and the last transition of each machine', () => {
    expect(serve([SESSION, ...marks(4)]).told()).toEqual([
      [1, 3],
      [4, 5],
    ]);
    const told = toldOutage('opened', 'none');
    expect(serve([SESSION, told, up, up, told, ...marks(3)]).told()).toEqual([
      [1, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(serve([SESSION, up, told, SESSION, ...marks(3)]).told()).toEqual([
      [4, 5],
      [6, 7],
    ]);
    expect(serve([SESSION, up, told, SESSION, ...marks(2)]).told()).toEqual([[4, 5], [6]]);
  });

  it("sends a machine's transition from before them, even if they contain a later one", () => {
    expect(serve([SESSION, up, ...marks(2), up]).told()).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('sends the path that was found before them', () => {
    expect(serve([SESSION, { kind: 'path', path: DIRECT }, up, ...marks(3)]).told()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('sends each of these only once if they are new themselves', () => {
    expect(serve([SESSION, up, toldOutage('opened', 'none')]).told()).toEqual([[1, 2], [3]]);
  });

  it('limits what waits to the same', () => {
    const { add, told } = serve([]);
    add(SESSION, up, ...marks(5));
    vi.advanceTimersByTime(GATHER_MS);
    expect(told()).toEqual([[1, 2], [5, 6], [7]]);
  });

  it('continues if the port throws', () => {
    const post = vi.fn(() => {
      throw new DOMException('closed', 'InvalidStateError');
    });
    const { add, stop } = serve(marks(1), { port: { post, listen: () => () => {} } });
    add(mark('a'));
    vi.advanceTimersByTime(GATHER_MS);
    stop();
    expect(post).toHaveBeenCalledTimes(3);
  });

  it('ends with what waits and a bye, and hears nothing afterwards', () => {
    const { add, told, stop, messages, listening } = serve([]);
    add(mark('a'));
    stop();
    expect(told()).toEqual([[1], 'bye']);
    expect(messages.at(-1)).toEqual({ holdfast: 1, type: 'bye', link: 'written' });
    expect([listening(), vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('the controls of a source', () => {
  const control = (link: string) => ({ holdfast: 1, type: 'control', link, event: { type: 'restart' } });

  it('are obeyed if they name its link', () => {
    const heed = vi.fn();
    const { say, messages } = serve(marks(1), { control: heed });
    say(control('another'));
    say(HELLO);
    expect(heed.mock.calls).toEqual([]);
    say(control('written'));
    expect(heed.mock.calls).toEqual([[{ type: 'restart' }]]);
    expect(messages).toMatchObject([{ isControllable: true }, { isControllable: true }]);
  });

  it('are ignored without a control, and invalid messages are ignored', () => {
    const { say, told, messages } = serve(marks(1));
    told();
    for (const message of [control('written'), null, 'nonsense', {}]) say(message);
    expect(told()).toEqual([]);
    expect(messages).toMatchObject([{ isControllable: false }]);
  });
});
