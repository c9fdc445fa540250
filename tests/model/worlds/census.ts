import type { InspectionEvent } from 'xstate';
import { type ConnectionContext, createConnectionMachine, outageMachine } from '../../../machines';
import { arrowKey, arrowLines, pathOfValue } from '../../machines/edges';

/** One step of a connection machine. */
export interface Step {
  event: string;
  context: ConnectionContext;
  status: string;
}

const CONNECTION = arrowLines(createConnectionMachine());
const OUTAGE = arrowLines(outageMachine);

/** What is counted besides the rows of the chart. */
export const SIGHTS = [
  'a first connect',
  'a glare',
  'a glare at birth',
  'a rebuild',
  'a rejoin',
  'a mixed pair',
  'a pair revived out of failed',
] as const;

export type Sight = (typeof SIGHTS)[number];

const isContext = (context: unknown): context is ConnectionContext =>
  typeof context === 'object' && context !== null && 'evidence' in context;

/** How often each row of the two charts was taken, and what else was seen, over all worlds of a run. */
export class Census {
  readonly rows = new Map<string, number>();
  readonly sights = new Map<Sight, number>();

  see(sight: Sight): void {
    this.sights.set(sight, (this.sights.get(sight) ?? 0) + 1);
  }

  /** For the option `inspect` of one manager. */
  watch(stepped: (step: Step) => void): (event: InspectionEvent) => void {
    const leaves = { connection: 'new', outage: 'unborn' };
    return (event) => {
      if (event.type !== '@xstate.microstep') return;
      const { snapshot } = event;
      if (!('value' in snapshot) || !('context' in snapshot)) return;
      const { context, status } = snapshot;
      const which = 'id' in event.actorRef && event.actorRef.id === 'outage' ? 'outage' : 'connection';
      const lines = which === 'outage' ? OUTAGE : CONNECTION;
      for (const taken of event._transitions) {
        const line = lines.get(arrowKey(leaves[which], taken));
        if (line === undefined) throw new Error(`no row for ${arrowKey(leaves[which], taken)}`);
        this.rows.set(`${which}: ${line}`, (this.rows.get(`${which}: ${line}`) ?? 0) + 1);
      }
      leaves[which] = pathOfValue(snapshot.value);
      if (isContext(context)) stepped({ event: event.event.type, context, status });
    };
  }
}
