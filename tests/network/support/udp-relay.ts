import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { seededRandom } from '../../../src/testing/random';
import type { Direction } from './firewall.js';
import type { Peer } from './namespaces.js';

export interface UdpConditions {
  /** One-way delay. */
  readonly delayMs: number;
  /** Added to the delay, evenly distributed from 0 to this; packets overtake one another. */
  readonly jitterMs: number;
  /** Share of packets lost, 0 to 1; a black hole is 1. */
  readonly loss: number;
}

const PERFECT: UdpConditions = { delayMs: 0, jitterMs: 0, loss: 0 };
const LOOPBACK = '127.0.0.1';

interface Endpoint {
  readonly owner: Peer;
  readonly address: string;
  readonly port: number;
}

/** A socket that stands for an endpoint: what arrives here goes to the endpoint, and what the endpoint sends leaves from here. */
interface Face {
  readonly endpoint: Endpoint;
  socket: Socket;
  port: number;
  usedAtMs: number;
}

/**
 * A stretch of bad network between two peers on one machine, without root. Each endpoint of a peer gets a face (a
 * port of the relay) that the other peer gets instead; see `rewriteSignal`. A packet from
 * an unannounced endpoint gets a face too, as a NAT would give it one.
 */
export class UdpRelay {
  /** The address of its faces. */
  readonly host: string;
  readonly #faces = new Map<string, Promise<Face>>();
  readonly #conditions: Record<Direction, UdpConditions> = { 'a->b': PERFECT, 'b->a': PERFECT };
  readonly #random: Record<Direction, () => number>;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly counts: Record<Direction, { passed: number; lost: number }> = {
    'a->b': { passed: 0, lost: 0 },
    'b->a': { passed: 0, lost: 0 },
  };
  #closed = false;

  /** The same seed gives the same fate to the n-th packet of each direction. Firefox reaches no loopback from another address. */
  constructor(seed = 1, host = LOOPBACK) {
    this.host = host;
    this.#random = { 'a->b': seededRandom(seed), 'b->a': seededRandom(seed + 1) };
  }

  /** The port at which the other peer reaches this endpoint. */
  async portFor(owner: Peer, address: string, port: number): Promise<number> {
    return (await this.#faceOf({ owner, address, port })).port;
  }

  set(conditions: Partial<UdpConditions>, directions: readonly Direction[] = ['a->b', 'b->a']): void {
    for (const direction of directions) {
      this.#conditions[direction] = { ...this.#conditions[direction], ...conditions };
    }
  }

  blackHole(): void {
    this.set({ loss: 1 });
  }

  oneWayLoss(direction: Direction): void {
    this.set({ loss: 1 }, [direction]);
  }

  heal(): void {
    this.set(PERFECT);
  }

  /** The peer's NAT forgets it: all its endpoints appear from new ports, and packets to the old ones are lost. */
  async rebind(owner: Peer): Promise<void> {
    for (const pending of this.#faces.values()) {
      const face = await pending;
      if (face.endpoint.owner !== owner) continue;
      const old = face.socket;
      const { socket, port } = await this.#open((packet, from) => this.#receive(face, packet, from));
      Object.assign(face, { socket, port });
      old.close();
    }
  }

  /** Closes the faces that have been unused for so long, as a NAT does. */
  async forgetIdle(idleMs: number): Promise<void> {
    for (const [key, pending] of this.#faces) {
      const face = await pending;
      if (performance.now() - face.usedAtMs < idleMs) continue;
      this.#faces.delete(key);
      face.socket.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const faces = await Promise.all(this.#faces.values());
    this.#faces.clear();
    await Promise.all(faces.map(({ socket }) => new Promise<void>((done) => socket.close(done))));
  }

  #faceOf(endpoint: Endpoint): Promise<Face> {
    const key = `${endpoint.owner} ${endpoint.address}:${endpoint.port}`;
    const known = this.#faces.get(key);
    if (known !== undefined) return known;
    const created = this.#createFace(endpoint);
    this.#faces.set(key, created);
    return created;
  }

  async #createFace(endpoint: Endpoint): Promise<Face> {
    const opened = await this.#open((packet, from) => this.#receive(face, packet, from));
    const face: Face = { endpoint, ...opened, usedAtMs: performance.now() };
    return face;
  }

  #open(receive: (packet: Buffer, from: RemoteInfo) => void): Promise<{ socket: Socket; port: number }> {
    const socket = createSocket('udp4');
    // A peer that is gone answers with ICMP, which surfaces here and means nothing to a network.
    socket.on('error', () => undefined);
    socket.on('message', receive);
    return new Promise((resolve) => {
      socket.bind(0, this.host, () => resolve({ socket, port: socket.address().port }));
    });
  }

  #receive(to: Face, packet: Buffer, from: RemoteInfo): void {
    to.usedAtMs = performance.now();
    const owner: Peer = to.endpoint.owner === 'a' ? 'b' : 'a';
    const direction: Direction = owner === 'a' ? 'a->b' : 'b->a';
    const { delayMs, jitterMs, loss } = this.#conditions[direction];
    const random = this.#random[direction];
    // Both are drawn for each packet, so that a change of conditions does not shift the later draws.
    const [fate, lateness] = [random(), random()];
    if (fate < loss) {
      this.counts[direction].lost += 1;
      return;
    }
    this.counts[direction].passed += 1;
    const waitMs = delayMs + lateness * jitterMs;
    const pass = (): void => void this.#pass(owner, from, to, packet);
    if (waitMs === 0) pass();
    else this.#later(waitMs, pass);
  }

  async #pass(owner: Peer, from: RemoteInfo, to: Face, packet: Buffer): Promise<void> {
    const sender = await this.#faceOf({ owner, address: from.address, port: from.port });
    if (this.#closed) return;
    sender.usedAtMs = performance.now();
    sender.socket.send(packet, to.endpoint.port, to.endpoint.address);
  }

  #later(ms: number, job: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      job();
    }, ms);
    this.#timers.add(timer);
  }
}
