import { aStableLinkIsClean, demand, everyOutageIsAnswered, Violation } from './invariants';
import { otherOf, type Player, type Universe } from './universe';

/** The budget of a recovery, the deadline of a revived end, and a little for messages on their way. */
const VERDICT_MS = 90_000 + 25_000 + 5_000;
const STEP_MS = 250;
const EXCHANGE_MS = 600;
/** Longer than `stableMs`, and longer than the life of a racer whose offer came late. */
const STABLE_MS = 18_000;
/** The time to move to a path that was found just now. */
const TIDYING_MS = 3_000;
const GOODBYE_MS = 1_000;

const stateOf = (player: Player) =>
  player.kind === 'holdfast' ? player.state : (player.peer.peerConnection?.connectionState ?? 'gone');

const presentOf = (universe: Universe): Player[] =>
  universe.players.filter((player) => player !== null).filter((player) => universe.isPresent(player));

/** Sends a message each way. @returns whether both arrived. */
async function exchange(universe: Universe): Promise<boolean> {
  const [first, second] = presentOf(universe);
  if (!first || !second) return false;
  const text = `mark ${universe.time.nowMs}`;
  for (const player of [first, second]) player.send(text);
  await universe.pass(EXCHANGE_MS);
  return [first, second].every(({ heard }) => heard.includes(text));
}

const FINAL = ['connected', 'failed', 'closed'];

/** Whether all players who are present have reached the same final verdict. */
async function agree(universe: Universe): Promise<boolean> {
  const present = presentOf(universe);
  const verdicts = present.flatMap((player) => (player.kind === 'holdfast' ? [player.state] : []));
  if (universe.presence.some((each) => each === 'away' || each === 'expected')) return false;
  if (present.length < 2)
    return verdicts.every((state) => state !== 'connected' && (state === 'new' || FINAL.includes(state)));
  const isDeafEnd = present.some((player) => player.kind === 'upstream' && player.isDeaf);
  if (verdicts.every((state) => state === 'connected')) return isDeafEnd || exchange(universe);
  // A player who waited for an offer and never got one has no verdict.
  const spoken = verdicts.filter((state) => state !== 'new');
  const [first] = spoken;
  return spoken.every((state) => state === first) && (first === undefined || FINAL.includes(first));
}

/** Once the network is whole, both ends come to the same verdict within the budget: connected with data both ways, failed, or closed. */
async function verdictsConverge(universe: Universe): Promise<number> {
  const beganAtMs = universe.time.nowMs;
  while (universe.time.nowMs - beganAtMs < VERDICT_MS) {
    const isAnswered = presentOf(universe).every(
      (player) => player.kind === 'upstream' || !everyOutageIsAnswered(player),
    );
    if (isAnswered && (await agree(universe))) return universe.time.nowMs - beganAtMs;
    await universe.pass(STEP_MS);
  }
  demandOfAll(universe, { everyOutageIsAnswered });
  if (presentOf(universe).some((player) => player.kind === 'upstream' && player.isUnheard)) return VERDICT_MS;
  const states = universe.players.map(
    (player, page) => `${universe.presence[page]} ${player && stateOf(player)}`,
  );
  throw new Violation(verdictsConverge.name, states.join(' and '));
}

/** A failed pair whose network is whole comes back when one of the two games asks; that game is answered even if the other player leaves. */
async function failedPairsComeBack(universe: Universe): Promise<void> {
  const present = presentOf(universe);
  const isFailed = present.every((player) => player.kind === 'holdfast' && player.state === 'failed');
  if (present.length < 2 || !isFailed) return;
  const asker = present[universe.setting.leaver];
  if (asker?.kind !== 'holdfast') return;
  const { page } = asker.seat;
  if (universe.setting.revival === 'connect') universe.connect(page);
  else asker.ask();
  if (universe.setting.revival === 'leave') await universe.leave(otherOf(page));
  await verdictsConverge(universe);
}

const demandOfAll = (universe: Universe, promises: Parameters<typeof demand>[0]) => {
  for (const player of presentOf(universe)) if (player.kind === 'holdfast') demand(promises, player);
};

/** Ends all faults, waits until both ends are at rest, and lets them leave. @returns how long the verdict took, in ms. */
export async function end(universe: Universe): Promise<number> {
  for (const page of [0, 1] as const) universe.arrive(page);
  universe.faults.endAll();
  await universe.pass(0);
  const tookMs = await verdictsConverge(universe);
  await failedPairsComeBack(universe);
  const isUp = presentOf(universe).every((player) => stateOf(player) === 'connected');
  if (universe.setting.isPatient && isUp && presentOf(universe).length === 2) {
    await universe.pass(STABLE_MS);
    if (presentOf(universe).some((player) => player.kind === 'holdfast' && aStableLinkIsClean(player)))
      await universe.pass(TIDYING_MS);
    demandOfAll(universe, { aStableLinkIsClean });
  }
  const { leaver } = universe.setting;
  for (const page of [leaver, otherOf(leaver)]) {
    if (universe.presence[page] !== 'here') continue;
    await universe.leave(page);
    await universe.pass(GOODBYE_MS);
  }
  return tookMs;
}
