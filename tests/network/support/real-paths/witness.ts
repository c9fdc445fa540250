import { createConnectionMachine, outageMachine } from '../../../../machines';
import { connectionChart } from '../../../machines/chart';
import { arrowLines, linesOfChart } from '../../../machines/edges';
import { outageChart } from '../../../machines/outage-chart';
import type { Route } from '../../../model/routes';
import { Watched } from '../../../model/watched';
import { pacedPolicy, paceFor, timingsFor } from './pace';
import type { Told } from './player-page';

const LINES = { connection: arrowLines(createConnectionMachine()), outage: arrowLines(outageMachine) };
const DECLARED = {
  connection: new Set(linesOfChart(connectionChart)),
  outage: new Set(linesOfChart(outageChart)),
};

/** Follows the machines of a page from outside, by what they report to their inspector. */
export class Witness {
  readonly watched: Watched;
  /** Arrows of the connection that were taken, as the chart writes them. */
  readonly arrows = new Set<string>();
  readonly leaves = new Set<string>(['new']);
  /** Each event that the connection received, and the state to which it led. */
  readonly trail: { readonly type: string; readonly leaf: string }[] = [];
  /** Arrows that no chart has. */
  readonly undeclared: string[] = [];
  #told = 0;
  #wake: (() => void)[] = [];

  constructor(route: Route, relayOnly: boolean) {
    this.watched = new Watched(timingsFor(route), pacedPolicy(paceFor(route)), {
      browser: 'chromium',
      relayOnly,
    });
  }

  hear(json: string): void {
    const fact: Told = JSON.parse(json);
    this.#told += 1;
    if (fact.kind === 'arrow') this.#note(fact);
    else this.#follow(fact.inspected);
    this.#wakeAll();
  }

  /** Waits until everything that was reported has been received. */
  untilHeard(told: number, timeoutMs: number): Promise<boolean> {
    return this.until(() => this.#told >= told, timeoutMs);
  }

  /** Checks whenever the page has reported something. @returns false if it did not happen in time. */
  async until(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#wakeAll();
    }, timeoutMs);
    while (!isLate && !isSo()) await new Promise<void>((resolve) => this.#wake.push(resolve));
    clearTimeout(deadline);
    return isSo();
  }

  #follow(inspected: unknown): void {
    const { received, connection } = this.watched;
    const before = received.length;
    this.watched.inspect(inspected);
    this.leaves.add(connection.leaf);
    for (const { type } of received.slice(before)) this.trail.push({ type, leaf: connection.leaf });
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #note({ machine, key }: Extract<Told, { kind: 'arrow' }>): void {
    const line = LINES[machine].get(key);
    if (line === undefined || !DECLARED[machine].has(line))
      this.undeclared.push(`${machine}: ${line ?? key}`);
    else if (machine === 'connection') this.arrows.add(line);
  }
}
