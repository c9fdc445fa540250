import type { Step } from '../../../model/chart-model';
import { eventually } from '../../../support/browser-page';
import { isWaking } from './choose-paths';
import type { RealStage } from './real-stage';

interface Scene {
  readonly stage: RealStage;
  readonly step: Step;
  readonly following: Step | undefined;
}

type Cause = (scene: Scene) => unknown;

const appearOnce = async ({ stage }: Scene): Promise<void> => {
  if (!stage.isOtherThere) await stage.appear();
};

const isFirst = ({ stage }: Scene) => stage.leaf.startsWith('checking');
const isUp = ({ stage }: Scene) => stage.leaf.startsWith('connected');

/** Both ends have exchanged descriptions; no packet has passed. */
const negotiate = async (scene: Scene): Promise<void> => {
  await appearOnce(scene);
  await eventually(
    () => scene.stage.ourLook(),
    ({ signaling }) => signaling === 'stable' && scene.stage.hasReceived('peer.learned'),
    { timeoutMs: 5_000, what: 'a description of the other end' },
  );
};

const fallAsleep: Cause = async ({ stage: { lane }, following }) => {
  // A frozen page does nothing more until it wakes; an offline one continues.
  if (!following || isWaking(following)) await lane.ours.freeze();
  else await lane.ours.goOffline();
};

const wake: Cause = async ({ stage: { lane } }) => {
  if (lane.ours.isOffline) return lane.ours.goOnline();
  if (!lane.ours.isFrozen) await lane.ours.freeze();
  await lane.ours.resume();
};

/** What is done to the world to cause each fact; others come by themselves, or with time. */
const CAUSES: Readonly<Record<string, Cause>> = {
  connect: ({ stage }) => stage.tell('connect'),
  restart: ({ stage }) => stage.tell('restart'),
  close: ({ stage }) => stage.tell('close'),
  'channel.opened': appearOnce,
  'link.up': appearOnce,
  'ice.failed': (scene) => (isFirst(scene) ? appearOnce(scene) : undefined),
  'channel.closed': ({ stage }) => stage.tellOther('closeChannel'),
  'remote.offer': appearOnce,
  'remote.restart': ({ stage }) => stage.tellOther('restart'),
  'remote.rebuild': async (scene) => {
    // Its first connect has no more time than that.
    if (isFirst(scene)) return negotiate(scene);
    if (isUp(scene)) return scene.stage.deafenOther();
    await scene.stage.untilOther(({ state }) => state !== 'connected');
    await scene.stage.tellOther('restart');
  },
  'remote.rejoin': async (scene) => {
    if (isFirst(scene)) await negotiate(scene);
    scene.stage.udp.blackHole();
    await scene.stage.lane.theirs.reload();
    await scene.stage.appear();
  },
  'remote.left': async (scene) => {
    if (isFirst(scene)) await negotiate(scene);
    await scene.stage.tellOther('close');
  },
  'signaling.down': ({ stage }) => stage.lane.gate.shut(),
  'signaling.up': async ({ stage }) => {
    stage.lane.gate.shut();
    await stage.witness.until(() => stage.hasReceived('signaling.down'), PATIENCE_MS);
    stage.lane.gate.open();
  },
  'network.changed': ({ stage }) => stage.lane.ours.changeNetwork(),
  'page.resumed': async ({ stage: { lane }, step }) => {
    if (!step.slept) return lane.ours.show();
    if (!lane.ours.isFrozen) await lane.ours.freeze();
    await lane.ours.resume();
  },
  'environment.asleep': fallAsleep,
  'environment.awake': wake,
};

const FLOWS = new Set(['channel.opened', 'link.up', 'life.back']);
const STALLS = new Set(['life.silent', 'ice.disconnected', 'ice.failed']);

/** Longer than a path's delays, and than a busy machine needs to report a state. */
const PATIENCE_MS = 8_000;
/** Browsers abandon a path late. */
const ICE_PATIENCE_MS = 40_000;

/** Packets and signals pass only where the path needs them: otherwise a link would heal by itself, and an attempt be answered. */
function arrange({ stage, step: { type }, following }: Scene): void {
  const { leaf } = stage;
  const flows = leaf.startsWith('connected') ? !STALLS.has(type) : FLOWS.has(type);
  if (flows) stage.udp.heal();
  else stage.udp.blackHole();
  const isOpenLeaf = leaf === 'new' || leaf.startsWith('checking');
  const isAnswered = isOpenLeaf || [type, following?.type].some((each) => each === 'link.up');
  stage.mute({ ours: !isAnswered, theirs: !(isAnswered || type.startsWith('remote.')) });
}

/** Leads the page along its path. @returns null, or where it left the path. */
export async function playForReal(stage: RealStage): Promise<string | null> {
  const { steps, leaves } = stage.path;
  const { trail } = stage.witness;
  let at = 0;
  for (const [index, step] of steps.entries()) {
    const scene = { stage, step, following: steps[index + 1] };
    const cause = CAUSES[step.type];
    const wanted = leaves[index];
    if (cause && stage.leaf !== (leaves[index - 1] ?? 'new')) return `${step.type}: already in ${stage.leaf}`;
    arrange(scene);
    // A fact without a cause may have come right after the step before.
    if (cause) at = trail.length;
    await cause?.(scene);
    const find = () => {
      const come = trail.findIndex(({ type }, each) => each >= at && type === step.type);
      return come < 0 ? -1 : trail.findIndex(({ leaf }, each) => each >= come && leaf === wanted);
    };
    const patienceMs = step.type.startsWith('ice.') ? ICE_PATIENCE_MS : PATIENCE_MS;
    if (!(await stage.witness.until(() => find() >= 0, patienceMs)))
      return `${step.type} never led to ${wanted}: ${trail
        .slice(at)
        .map(({ type, leaf }) => `${type} → ${leaf}`)
        .join(', ')}`;
    at = find() + 1;
    if (step.type === 'link.up') await stage.witness.until(() => stage.isSettled, PATIENCE_MS);
  }
  return null;
}
