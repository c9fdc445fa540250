import { connect, createServer, type Server, type Socket } from 'node:net';

/** A stretch of TCP before a server: it can be shut (new connections are refused) or frozen (nothing passes, silently, and all of it comes later). */
export interface TcpGate {
  readonly port: number;
  shut(): void;
  freeze(): void;
  open(): void;
  close(): Promise<void>;
}

interface Passage {
  readonly outer: Socket;
  readonly inner: Socket;
}

export async function openTcpGate(targetPort: number): Promise<TcpGate> {
  const passages = new Set<Passage>();
  let state: 'open' | 'shut' | 'frozen' = 'open';
  const server = createServer((outer) => {
    if (state === 'shut') return outer.destroy();
    const passage = { outer, inner: connect(targetPort, '127.0.0.1') };
    passages.add(passage);
    join(passage, () => passages.delete(passage));
    if (state === 'frozen') pause(passage);
  });
  const port = await listen(server);
  return {
    port,
    shut() {
      state = 'shut';
      for (const { outer } of passages) outer.destroy();
    },
    freeze() {
      state = 'frozen';
      passages.forEach(pause);
    },
    open() {
      state = 'open';
      passages.forEach(resume);
    },
    close() {
      for (const { outer } of passages) outer.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function join({ outer, inner }: Passage, ended: () => void): void {
  for (const [from, to] of [
    [outer, inner],
    [inner, outer],
  ] as const) {
    from.on('data', (data) => to.write(data));
    // Whichever side ends it, and however, ends it for both.
    from.on('error', () => undefined);
    from.on('close', () => {
      to.destroy();
      ended();
    });
  }
}

function pause({ outer, inner }: Passage): void {
  outer.pause();
  inner.pause();
}

function resume({ outer, inner }: Passage): void {
  outer.resume();
  inner.resume();
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');
  return address.port;
}
