import { vi } from 'vitest';
import type { Step } from './chart-model';
import type { Stage } from './stage';

type Cause = (stage: Stage, step?: Step) => unknown;

const nothing: Cause = () => {};

const appearOnce = (stage: Stage): void => {
  if (!stage.other) stage.appear();
};

const say = (target: 'window' | 'document' | 'connection', name: string): Cause => {
  return ({ page }) => void page[target].dispatchEvent(new Event(name));
};

const isFirst = ({ leaf }: Stage) => leaf.startsWith('checking');

/** Both ends have described themselves; no packet has passed. */
const negotiate = async (stage: Stage): Promise<void> => {
  appearOnce(stage);
  await stage.until(
    () => stage.hasReceived('peer.learned') && stage.manager.peerConnection?.signalingState === 'stable',
  );
};

/** The channel is open at our end, and we hear nothing on it. */
const openOnly = async (stage: Stage): Promise<void> => {
  stage.deafen();
  appearOnce(stage);
  stage.world.network.heal();
  await stage.until(() => stage.hasReceived('channel.opened'));
};

/** Only the other end sees its channel close. */
const loseTheirChannel = (stage: Stage): void => {
  stage.world.network.cut();
  stage.other?.dataChannel?.close();
};

/** What the world does to cause each event; events that are not listed happen by themselves, or with time. */
const CAUSES: Readonly<Record<string, Cause>> = {
  connect: ({ manager, targetId }) => void manager.connectToPeer(targetId),
  restart: ({ manager }) => void manager.attemptIceRestart(),
  close: ({ manager }) => manager.close(),
  'channel.opened': appearOnce,
  'link.up': appearOnce,
  'ice.failed': (stage) => (isFirst(stage) ? appearOnce(stage) : undefined),
  'channel.closed': async (stage) => {
    if (isFirst(stage)) await openOnly(stage);
    if (isFirst(stage)) stage.world.network.cut();
    if (stage.leaf.startsWith('connected')) stage.other?.dataChannel?.close();
    else stage.manager.dataChannel?.close();
  },
  'peer.learned': (stage) => {
    if (!isFirst(stage) && !stage.leaf.startsWith('connected')) stage.manager.dataChannel?.close();
  },
  'remote.offer': appearOnce,
  'remote.restart': async (stage) => {
    if (isFirst(stage)) await negotiate(stage);
    await stage.other?.attemptIceRestart();
  },
  'remote.rebuild': async (stage) => {
    if (isFirst(stage)) {
      await openOnly(stage);
      await stage.until(() => stage.isOtherUp);
    }
    if (isFirst(stage) || stage.leaf.startsWith('connected')) return loseTheirChannel(stage);
    await stage.until(() => !stage.isOtherUp);
    await stage.other?.attemptIceRestart();
  },
  'remote.rejoin': async (stage) => {
    if (isFirst(stage)) await negotiate(stage);
    stage.vanish();
    stage.appear();
  },
  'remote.left': async (stage) => {
    if (isFirst(stage)) await negotiate(stage);
    stage.other?.close();
  },
  'signaling.down': ({ socket }) => socket.down(),
  'signaling.up': ({ socket }) => {
    if (socket.connected) socket.receive('connect', undefined);
    else socket.up();
  },
  'network.changed': say('connection', 'change'),
  'page.resumed': (stage, step) => say('document', step?.slept ? 'resume' : 'visibilitychange')(stage, step),
  'environment.asleep': say('window', 'offline'),
  'environment.awake': say('window', 'online'),
};

const FLOWS = new Set(['channel.opened', 'link.up', 'life.back']);
const STALLS = new Set(['life.silent', 'ice.disconnected', 'ice.failed']);

/** The first echoes of a link that has just come up arrive a little later. */
const HANDSHAKES = new Set(['link.up', 'life.back']);
const HANDSHAKE_MS = 200;

const isTheirs = (type: string | undefined) => type?.startsWith('remote.') ?? false;

/** Packets and signals pass only when the path needs them: otherwise a link would heal by itself, or an attempt be answered. */
function arrange(stage: Stage, { type }: Step, following: Step | undefined): void {
  const { leaf } = stage;
  stage.world.network.setLoss(0);
  const flows = leaf.startsWith('connected') ? !STALLS.has(type) : FLOWS.has(type);
  if (flows) stage.world.network.heal();
  else stage.world.network.cut();
  const isOpenLeaf = leaf === 'new' || leaf.startsWith('checking');
  const isNear = (wanted: string) => [type, following?.type].includes(wanted);
  stage.isPicky = isNear('attempt.failed');
  const isAnswered = isOpenLeaf || isNear('link.up') || isNear('attempt.failed');
  stage.mute({
    ours: !isAnswered,
    theirs: !(isAnswered || isTheirs(type) || type === 'peer.learned'),
  });
}

/** @returns how many steps of the path happened as it wants them. */
export async function playInWorld(stage: Stage, path: readonly Step[]): Promise<number> {
  const { received } = stage.watched;
  for (const [index, step] of path.entries()) {
    if (index < path.length - 1 && stage.knows(step)) continue;
    stage.advanceTo(index);
    const { leaf } = stage;
    const since = received.length;
    const find = () => received.slice(since).find(({ type }) => type === step.type);
    arrange(stage, step, path[index + 1]);
    await (CAUSES[step.type] ?? nothing)(stage, step);
    await stage.until(
      () => find() !== undefined,
      () => stage.leaf !== leaf,
    );
    if (find()?.leaf !== leaf) return index;
    const isHasty = path.slice(index + 1, index + 3).some(({ type }) => type === 'life.back');
    if (HANDSHAKES.has(step.type) && !isHasty) await vi.advanceTimersByTimeAsync(HANDSHAKE_MS);
  }
  return path.length;
}
