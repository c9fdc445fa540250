import { simulatedClock } from './clocks';
import { type Mutant, Mutator } from './mutants';
import type { Path } from './paths';
import { type Coverage, replay } from './replay';
import type { Subject } from './subjects';

export interface Verdict {
  readonly mutant: Mutant;
  /** What gave the mutant away: the step, what the chart says and what the mutant did. Null for a survivor. */
  readonly killer: string | null;
}

const nothing = (): Coverage => ({ rows: new Set(), leaves: new Set() });

/** Runs every mutant of a subject along its paths, those near the change first, until one gives it away. */
export class Hunt {
  readonly #subject: Subject;
  readonly #paths: readonly { path: Path; rows: readonly string[] }[];
  readonly #mutator: Mutator;

  constructor(subject: Subject, paths: readonly Path[]) {
    this.#subject = subject;
    this.#mutator = new Mutator(subject.machine, subject.chart);
    this.#paths = paths.map((path) => {
      const into = nothing();
      replay(subject, path, simulatedClock(), into);
      return { path, rows: [...into.rows] };
    });
  }

  mutants(isThorough: boolean): Mutant[] {
    return this.#mutator.all(isThorough);
  }

  /** Checks that the unchanged machine survives being taken apart and put together again. */
  proveFair(): void {
    const machine = this.#mutator.unchanged();
    for (const { path } of this.#paths) replay(this.#subject, path, simulatedClock(), nothing(), machine);
  }

  judge(mutant: Mutant): Verdict {
    const near = this.#paths.filter(({ rows }) => rows.some((row) => mutant.isNear(row)));
    const far = this.#paths.filter((each) => !near.includes(each));
    const machine = mutant.build();
    for (const { path } of [...near, ...far]) {
      try {
        replay(this.#subject, path, simulatedClock(), nothing(), machine);
      } catch (error) {
        return { mutant, killer: error instanceof Error ? error.message : String(error) };
      }
    }
    return { mutant, killer: null };
  }
}
