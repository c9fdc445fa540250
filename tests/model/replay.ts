import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { nameOfRow, type Oracle, type Reaction, type Step } from './chart-model';
import type { TestClock } from './clocks';
import { Observed, type Seen } from './observed';
import type { Path } from './paths';
import type { Subject } from './subjects';

/** What a walk found: the rows of the chart that it followed, and the innermost states that it was in. */
export interface Coverage {
  rows: Set<string>;
  leaves: Set<string>;
}

/** The machine did what the chart does not say, or did not do what it says. */
class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

const PAUSE_MS = 3;

const PARTS = [
  'entered',
  'leaf',
  'isOver',
  'announces',
  'commands',
  'invokes',
  'timers',
  'context',
] as const satisfies (keyof Seen)[];

const RESTING: Reaction = { entered: [], announces: [], commands: [], rows: [] };

const expectedOf = (model: Oracle, reaction: Reaction): Seen => ({
  leaf: model.leaf,
  entered: reaction.entered,
  announces: reaction.announces,
  commands: reaction.commands,
  context: model.context,
  timers: model.isOver ? {} : model.timers,
  invokes: model.isOver ? [] : [...model.chart.invokes, ...(model.chart.states[model.leaf] ?? [])],
  isOver: model.isOver,
});

function compare(where: string, model: Oracle, reaction: Reaction, seen: Seen): void {
  const expected = expectedOf(model, reaction);
  for (const part of PARTS) {
    if (isDeepStrictEqual(seen[part], expected[part])) continue;
    const [wanted, found] = [expected[part], seen[part]].map((value) => JSON.stringify(value));
    throw new Mismatch(`${where}: ${part} should be ${wanted}, is ${found}`);
  }
}

/** One machine and its chart, side by side through one path. */
class Replay {
  readonly #model: Oracle;
  readonly #machine: Observed;
  readonly #into: Coverage;

  constructor(subject: Subject, machine: AnyStateMachine, clock: TestClock, into: Coverage) {
    this.#model = subject.model();
    this.#machine = new Observed(machine, subject.input, clock, subject.heard);
    this.#into = into;
    this.#into.leaves.add(this.#model.leaf);
    compare('at the beginning', this.#model, RESTING, this.#machine.look());
  }

  get isOver(): boolean {
    return this.#model.isOver;
  }

  /** @returns false if the step is a delay that does not run. */
  take(step: Step): boolean {
    return step.type.startsWith('after ') ? this.#wait(step) : this.#send(step);
  }

  stop(): void {
    this.#machine.stop();
  }

  #send(step: Step): true {
    this.#pause();
    const where = nameOfRow(this.#model.leaf, step.type);
    const isNamed = this.#model.accepts(step);
    if (this.#machine.can(step) !== isNamed)
      throw new Mismatch(`${where}: ${isNamed ? 'missed' : 'undeclared'}`);
    const reaction = this.#model.take(step);
    compare(where, this.#model, reaction ?? RESTING, this.#machine.send(step));
    this.#note(reaction);
    return true;
  }

  /** No two events come at the same instant, so that a restarted delay differs from one that goes on. */
  #pause(): void {
    if (this.#model.next && this.#model.next.dueMs <= this.#model.nowMs + PAUSE_MS) return;
    this.#model.nowMs += PAUSE_MS;
    this.#machine.advance(PAUSE_MS);
  }

  /** Lets time pass until the delay is over; delays that end on the way are checked too. */
  #wait({ type }: Step): boolean {
    const dueMs = this.#model.dueMs(type);
    if (dueMs === null) return false;
    while (this.#model.nowMs < dueMs && this.#model.dueMs(type) !== null) this.#elapse();
    return true;
  }

  #elapse(): void {
    const { next, nowMs } = this.#model;
    if (!next) return;
    const where = nameOfRow(this.#model.leaf, next.type);
    const lastsMs = next.dueMs - nowMs;
    if (lastsMs > 1) compare(`before ${where}`, this.#model, RESTING, this.#machine.advance(lastsMs - 1));
    this.#model.nowMs = next.dueMs;
    const reaction = this.#model.take({ type: next.type });
    compare(where, this.#model, reaction ?? RESTING, this.#machine.advance(Math.min(1, lastsMs)));
    this.#note(reaction);
  }

  #note(reaction: Reaction | null): void {
    for (const row of reaction?.rows ?? []) this.#into.rows.add(row);
    for (const leaf of reaction?.entered ?? []) this.#into.leaves.add(leaf);
  }
}

/**
 * Runs a path in the machine and in the chart at once, and compares after each step all that can be seen: states, announcements, commands,
 * context, running delays and invoked actors.
 *
 * @throws Mismatch, named by the state and the event.
 * @returns false if a delay of the path did not run when its turn came.
 */
export function replay(
  subject: Subject,
  path: Path,
  clock: TestClock,
  into: Coverage,
  machine = subject.machine,
): boolean {
  const paceFrom = (index: number) =>
    subject.pace((types) => path.steps.slice(index).find(({ type }) => types.includes(type))?.type);
  paceFrom(0);
  const both = new Replay(subject, machine, clock, into);
  try {
    return path.steps.every((step, index) => {
      paceFrom(index);
      return both.isOver || both.take(step);
    });
  } finally {
    both.stop();
  }
}
