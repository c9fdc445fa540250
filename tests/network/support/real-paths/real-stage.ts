import type { Step } from '../../../model/chart-model';
import { eventually } from '../../../support/browser-page';
import { rewriteSignal } from '../rewrite-candidates';
import type { TcpGate } from '../soak/tcp-gate';
import { UdpRelay } from '../udp-relay';
import type { RealPath } from './choose-paths';
import { paceFor, theirTimingsFor, timingsFor } from './pace';
import { Witness } from './witness';
import type { Tab, World } from './world';

/** The lower id offers first. */
export type Role = 'offerer' | 'answerer';

const ID = { offerer: 1, answerer: 2 } as const;
const THEIRS = { offerer: 'answerer', answerer: 'offerer' } as const;

/** Where paths run, one after the other: two pages, and the gate to the signaling server for ours. */
export interface Lane {
  readonly world: World;
  readonly ours: Tab;
  readonly theirs: Tab;
  readonly gate: TcpGate;
}

export async function openLane(world: World): Promise<Lane> {
  const [ours, theirs, gate] = await Promise.all([world.openTab(), world.openTab(), world.openGate()]);
  return { world, ours, theirs, gate };
}

let games = 0;

/** One path's world: our page, whose machines are watched, and one at the other end that does only what it is asked. */
export class RealStage {
  readonly path: RealPath;
  readonly lane: Lane;
  readonly witness: Witness;
  readonly udp = new UdpRelay();
  readonly #role: Role;
  readonly #gameId: string;
  readonly #isCounted: boolean;
  readonly #muted = { ours: false, theirs: false };
  #isOtherThere = false;

  private constructor(path: RealPath, role: Role, lane: Lane) {
    games += 1;
    this.path = path;
    this.lane = lane;
    this.#role = role;
    this.#gameId = `path ${games}`;
    this.#isCounted = this.#wants('attempt.counted');
    this.witness = new Witness(path, this.#wants('gathering.empty'));
  }

  static async open(path: RealPath, role: Role, lane: Lane): Promise<RealStage> {
    const stage = new RealStage(path, role, lane);
    const { world, ours, gate } = lane;
    gate.open();
    world.setPost(stage.#gameId, {
      carry: async (from, signal) =>
        stage.#isMuted(from) ? null : rewriteSignal(stage.udp, stage.#isOurs(from) ? 'a' : 'b', signal),
      accepts: (from) => !(stage.#isOurs(from) && stage.#muted.ours) || stage.#isCounted,
    });
    ours.hear = (json) => stage.witness.hear(json);
    await ours.calm();
    await ours.evaluate((seat) => window.player.start(seat), {
      url: `http://127.0.0.1:${gate.port}`,
      gameId: stage.#gameId,
      me: ID[role],
      other: ID[THEIRS[role]],
      options: { ...timingsFor(path), forceRelay: stage.#wants('gathering.empty') },
      pace: paceFor(path),
    });
    return stage;
  }

  get leaf(): string {
    return this.witness.watched.connection.leaf;
  }

  /** Whether the path of the link, which is learnt last, is known; or the link is no longer up. */
  get isSettled(): boolean {
    const { evidence } = Object(this.witness.watched.connection.context);
    return evidence.path !== 'unknown' || !this.leaf.startsWith('connected');
  }

  get isOtherThere(): boolean {
    return this.#isOtherThere;
  }

  hasReceived(type: string): boolean {
    return this.witness.watched.received.some((each) => each.type === type);
  }

  /** The other end arrives, and connects to us. */
  async appear(): Promise<void> {
    this.#isOtherThere = true;
    await this.lane.theirs.evaluate((seat) => window.player.start(seat), {
      url: this.lane.world.url,
      gameId: this.#gameId,
      me: ID[THEIRS[this.#role]],
      other: ID[this.#role],
      options: theirTimingsFor(this.path),
      pace: null,
    });
    await this.tellOther('connect');
  }

  /** What we send is lost, but what the other end sends arrives. */
  deafenOther(): void {
    this.udp.oneWayLoss('a->b');
  }

  tell(wish: 'connect' | 'restart' | 'close'): Promise<void> {
    return this.lane.ours.evaluate((name) => window.player[name](), wish);
  }

  async tellOther(wish: 'connect' | 'restart' | 'close' | 'closeChannel'): Promise<void> {
    if (this.#isOtherThere) await this.lane.theirs.evaluate((name) => window.player[name](), wish);
  }

  async untilOther(isSo: (look: { state: string; signaling: string }) => boolean): Promise<void> {
    await eventually(() => this.lane.theirs.evaluate(() => window.player.look(), null), isSo, {
      timeoutMs: 5_000,
    });
  }

  ourLook() {
    return this.lane.ours.evaluate(() => window.player.look(), null);
  }

  mute(muted: { ours: boolean; theirs: boolean }): void {
    Object.assign(this.#muted, muted);
  }

  /** Ends the run, and receives its last facts. */
  async close(): Promise<void> {
    const { ours, theirs, world } = this.lane;
    const told = await ours.evaluate(() => window.player.end(), null);
    const isHeard = await this.witness.untilHeard(told, 5_000);
    if (!isHeard) throw new Error('what the page told was not heard');
    this.witness.watched.settle();
    await theirs.evaluate(() => window.player.end(), null);
    world.setPost(this.#gameId, null);
    await this.udp.close();
  }

  #wants(wanted: Step['type']): boolean {
    return this.path.steps.some(({ type }) => type === wanted);
  }

  #isOurs(from: string): boolean {
    return from === String(ID[this.#role]);
  }

  #isMuted(from: string): boolean {
    return this.#isOurs(from) ? this.#muted.ours : this.#muted.theirs;
  }
}
