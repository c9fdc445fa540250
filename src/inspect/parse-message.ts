import { isTree, treeOf } from './clean';
import type { ControlEvent, InspectMessage } from './envelope';
import { parseRecord } from './parse';

const MAX_RECORDS = 1_000;
const FACTS = ['ice.disconnected', 'ice.failed', 'channel.closed'] as const;

function parseControl(value: unknown): ControlEvent | null {
  const { type, fact: name } = treeOf(value);
  if (type === 'restart' || type === 'close') return { type };
  const fact = FACTS.find((known) => known === name);
  return type === 'simulate-loss' && fact ? { type, fact } : null;
}

const isLink = (value: unknown): value is string => typeof value === 'string' && value.length <= 100;

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Parses a message that arrived as an object or as JSON text. Returns null for anything else, and drops invalid records. */
export function parseMessage(value: unknown): InspectMessage | null {
  if (typeof value === 'string') return parseTree(fromText(value));
  return parseTree(value);
}

function parseTree(value: unknown): InspectMessage | null {
  if (!isTree(value) || value.holdfast !== 1) return null;
  const { type, link, event, records } = value;
  switch (type) {
    case 'hello':
      return { holdfast: 1, type };
    case 'bye':
      return isLink(link) ? { holdfast: 1, type, link } : null;
    case 'control': {
      const control = parseControl(event);
      return control && isLink(link) ? { holdfast: 1, type, link, event: control } : null;
    }
    case 'records': {
      if (!Array.isArray(records)) return null;
      const known = records.slice(0, MAX_RECORDS).flatMap((record) => parseRecord(record) ?? []);
      return { holdfast: 1, type, isControllable: value.isControllable === true, records: known };
    }
    default:
      return null;
  }
}
