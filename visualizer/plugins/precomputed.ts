import ELK from 'elkjs/lib/elk.bundled.js';
import { createRecorder, type MachineDefinition, type MachineName } from 'holdfast/inspect';
import { createConnectionMachine, PRESETS } from 'holdfast/machines';
import { createActor } from 'xstate';
import { layoutKey, toElk } from '../src/chart/elk-input';
import { fromElk } from '../src/chart/elk-output';
import { graphOf, toItself, toOutermost } from '../src/chart/graph';
import { DETAILS, type Layout, SHAPES } from '../src/chart/layout';
import type { ElkCache } from './elk-cache';

/** Computed when the page is built: the library's own machines and their layouts. */
export interface Precomputed {
  machines: Record<MachineName, MachineDefinition>;
  layouts: Record<string, Layout>;
}

/** The machines as in the session record of a recorder. */
export function libraryMachines(): Precomputed['machines'] {
  const recorder = createRecorder({ label: 'precomputed' });
  const actor = createActor(createConnectionMachine(), {
    input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    inspect: recorder.inspect,
  });
  actor.start();
  const session = recorder.records.find((record) => record.kind === 'session');
  actor.stop();
  if (session?.kind !== 'session') throw new Error('a started machine recorded no session');
  return session.machines;
}

/** Runs elk, which takes seconds, only for layouts that are not in `answers`, and adds them to it. */
export async function precomputed(answers: ElkCache = {}): Promise<Precomputed> {
  const machines = libraryMachines();
  const elk = new ELK();
  const layouts: Precomputed['layouts'] = {};
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
