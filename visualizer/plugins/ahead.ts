import ELK from 'elkjs/lib/elk.bundled.js';
import { createRecorder, type MachineDefinition, type MachineName } from 'holdfast/inspect';
import { createConnectionMachine, PRESETS } from 'holdfast/machines';
import { createActor } from 'xstate';
import { fromElk } from '../src/chart/elk-answer';
import { layoutKey, toElk } from '../src/chart/elk-question';
import { graphOf, toItself, toOutermost } from '../src/chart/graph';
import { DETAILS, type Layout, SHAPES } from '../src/chart/layout';
import type { Answers } from './answers';

/** What is worked out when the page is built: the library's own machines, and their pictures. */
export interface Ahead {
  machines: Record<MachineName, MachineDefinition>;
  layouts: Record<string, Layout>;
}

/** As a recorder tells them in its session record. */
export function machinesOfTheLibrary(): Ahead['machines'] {
  const recorder = createRecorder({ label: 'ahead' });
  const actor = createActor(createConnectionMachine(), {
    input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    inspect: recorder.inspect,
  });
  actor.start();
  const session = recorder.records.find((record) => record.kind === 'session');
  actor.stop();
  if (session?.kind !== 'session') throw new Error('a machine that started told no session');
  return session.machines;
}

/** Asks elk only what `answers` does not know, which takes seconds, and adds to it. */
export async function ahead(answers: Answers = {}): Promise<Ahead> {
  const machines = machinesOfTheLibrary();
  const elk = new ELK();
  const layouts: Ahead['layouts'] = {};
  for (const definition of Object.values(machines))
    for (const detail of DETAILS) {
      const graph = graphOf(definition, detail === 'overview' ? toOutermost : toItself);
      for (const shape of SHAPES) {
        const key = layoutKey(graph, detail, shape);
        answers[key] ??= await elk.layout(toElk(graph, shape, detail));
        layouts[key] = fromElk(graph, answers[key]);
      }
    }
  return { machines, layouts };
}
