import type { InspectionEvent } from 'xstate';
import { treeOf } from './clean';
import type { StatelyBody, StatelySnapshot } from './stately-event';
import { idOf, machineOf } from './untyped-edge';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The registration of a new actor, which has no snapshot yet. */
export function registrationOf(ref: InspectionEvent['actorRef'], label: string | undefined) {
  const config = machineOf(ref)?.config;
  const id = textOf(idOf(ref)) ?? ref.sessionId;
  const name = id === ref.sessionId ? (config?.id ?? id) : id;
  return {
    type: '@xstate.actor',
    name: label === undefined ? name : `${label}: ${name}`,
    parentId: textOf(treeOf(treeOf(ref)._parent).sessionId),
    definition: config && definitionOf(config),
    snapshot: snapshotOf(null),
  } satisfies StatelyBody;
}

/** The config as JSON text, with functions replaced by their names as `@statelyai/inspect` does. */
function definitionOf(config: object): string | undefined {
  try {
    return JSON.stringify(config, (_, value) => (typeof value === 'function' ? { type: value.name } : value));
  } catch {
    return undefined;
  }
}

const SHOWN = ['value', 'context', 'input', 'output', 'error'] as const;
const STATUSES = ['active', 'done', 'error', 'stopped'] as const;

/** The part of a snapshot that is shown. */
export function snapshotOf(snapshot: unknown): StatelySnapshot {
  const found = treeOf(snapshot);
  const status = STATUSES.find((each) => each === found.status) ?? 'active';
  const members = SHOWN.map((name) => [name, found[name]] as const);
  const shown = Object.fromEntries(members.filter(([, value]) => value !== undefined));
  // `fromEntries` loses the member types; undefined members are left out, as in JSON.
  return { status, ...shown } as StatelySnapshot;
}
