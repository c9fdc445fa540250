import fc from 'fast-check';
import { type Deed, type Model, ms, weighed } from './deed';
import { blackout, falseAlarm, flapping, longCut, move, relayRestart, strike } from './fault-deeds';
import {
  ask,
  askAndLeave,
  askInGrace,
  askTogether,
  closeChannel,
  closeChannelAndLook,
  connectAgain,
  crash,
  leave,
  reload,
} from './game-deeds';
import type { Universe } from './universe';

type WorldCommand = fc.AsyncCommand<Model, Universe>;

/** Something happens, and the world goes on for a while. */
class Command implements WorldCommand {
  readonly #deed: Deed;
  readonly #thenMs: number;

  constructor(deed: Deed, thenMs: number) {
    this.#deed = deed;
    this.#thenMs = thenMs;
  }

  check(model: Readonly<Model>): boolean {
    const { page, isPossible } = this.#deed;
    return (page === undefined || model.isAwake(page)) && (isPossible?.(model) ?? true);
  }

  async run(_model: Model, universe: Universe): Promise<void> {
    universe.trace.push(`${universe.time.nowMs} — ${this}`);
    await this.#deed.act(universe);
    await universe.pass(this.#thenMs);
  }

  toString(): string {
    return `${this.#deed.name}, then ${this.#thenMs} ms`;
  }
}

/** How long the world goes on before the next command; mostly shorter than faults last, so that they overlap. */
const pause = weighed([4, ms(0, 300)], [6, ms(300, 2_500)], [4, ms(2_500, 8_000)], [1, ms(8_000, 35_000)]);

const deed = weighed<Deed>(
  [90, strike],
  [15, blackout],
  [5, flapping],
  [8, move],
  [8, relayRestart],
  [18, falseAlarm],
  [20, ask],
  [8, askTogether],
  [5, askAndLeave],
  [6, askInGrace],
  [8, connectAgain],
  [4, closeChannel],
  [5, closeChannelAndLook],
  [8, longCut],
  [24, reload],
  // The player who stays has to give up, which takes long.
  [1, crash],
  [5, leave],
);

const MAX_COMMANDS = 14;

/** What happens in a world, one thing after the other. */
export const commandsOf = (replayPath?: string) =>
  fc.commands<Model, Universe, false>(
    [fc.tuple(deed, pause).map(([each, thenMs]): WorldCommand => new Command(each, thenMs))],
    { maxCommands: MAX_COMMANDS, size: 'max', ...(replayPath !== undefined && { replayPath }) },
  );
