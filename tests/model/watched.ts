import { isDeepStrictEqual } from 'node:util';
import type { AnyMachineSnapshot } from 'xstate';
import type { RecoveryPolicy, Timings } from '../../machines';
import { connectionChart } from '../machines/chart';
import { outageChart } from '../machines/outage-chart';
import { ChartModel, nameOfRow, type Oracle, type Step } from './chart-model';
import { connectionMeaning, initialContext } from './connection-meaning';
import { leafOf, toStep } from './observed';
import { outageMeaning } from './outage-meaning';

/** What an XState inspector receives, as far as this one uses it. */
interface Inspected {
  type: string;
  rootId: string;
  actorRef: { sessionId?: string; id?: string };
  event?: Step;
  snapshot?: unknown;
}

export interface Received {
  type: string;
  leaf: string;
}

const COMMANDED = new Set(['peer', 'signaling']);

/** Watches the machines of a real controller through its inspector, and sends each event that they get to their charts too. */
export class Watched {
  readonly connection: Oracle;
  readonly outage: Oracle;
  /** Every event that the connection got, with the state in which it arrived. */
  readonly received: Received[] = [];
  readonly rows = new Set<string>();
  /** Where a machine differed from its chart. */
  readonly mismatches: string[] = [];
  #commands: { wanted: string[]; given: string[] } = { wanted: [], given: [] };

  constructor(
    timings: Timings,
    policy: RecoveryPolicy,
    { browser, relayOnly }: { browser: 'chromium' | 'firefox'; relayOnly: boolean },
  ) {
    const context = initialContext({ timings, browser, relayOnly });
    this.connection = new ChartModel(connectionChart, connectionMeaning(policy), context);
    this.outage = new ChartModel(outageChart, outageMeaning, {
      graceMs: timings.disconnectGraceMs,
      isAsked: false,
    });
  }

  /** For the option `inspect`. */
  readonly inspect = (told: unknown): void => {
    const { type, rootId, actorRef, event, snapshot } = told as Inspected;
    if (event?.type === 'xstate.init') return;
    const isRoot = actorRef.sessionId === rootId;
    if (type === '@xstate.event' && COMMANDED.has(actorRef.id ?? '') && event)
      this.#commands.given.push(event.type);
    if (type !== '@xstate.snapshot' || !event) return;
    if (isRoot) this.#follow(this.connection, toStep(event), snapshot as AnyMachineSnapshot);
    else if (actorRef.id === 'outage')
      this.#follow(this.outage, toStep(event), snapshot as AnyMachineSnapshot);
  };

  /** The commands reach the inspector after the step that gives them. */
  settle(): void {
    const { wanted, given } = this.#commands;
    if (!isDeepStrictEqual(wanted, given))
      this.mismatches.push(`commands should be ${wanted.join(', ')}, are ${given.join(', ')}`);
  }

  #follow(model: Oracle, step: Step, snapshot: AnyMachineSnapshot): void {
    const where = nameOfRow(model.leaf, step.type);
    const { leaf } = model;
    const reaction = model.take(step);
    if (model === this.connection) {
      this.received.push({ type: step.type, leaf });
      for (const row of reaction?.rows ?? []) this.rows.add(row);
      this.#commands.wanted.push(...(reaction?.commands ?? []));
    }
    if (leafOf(snapshot) !== model.leaf)
      this.mismatches.push(`${where}: should lead to ${model.leaf}, leads to ${leafOf(snapshot)}`);
    else if (!isDeepStrictEqual(snapshot.context, model.context))
      this.mismatches.push(
        `${where}: context should be ${JSON.stringify(model.context)}, is ${JSON.stringify(snapshot.context)}`,
      );
  }
}
