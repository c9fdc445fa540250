import { isTree, treeOf } from './clean';
import type { ControlEvent, InspectMessage } from './envelope';
import { parseRecord } from './parse';

const MAX_RECORDS = 1_000;
const FACTS = ['ice.disconnected', 'ice.failed', 'channel.closed'] as const;

function parseControl(value: unknown): ControlEvent | null {
  const { type, fact: wanted } = treeOf(value);
  if (type === 'restart' || type === 'close') return { type };
  const fact = FACTS.find((known) => known === wanted);
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

/** Reads what came over a transport, as an object or as JSON; what is no message is null, and records that are none are left out. */
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
      const wish = parseControl(event);
      return wish && isLink(link) ? { holdfast: 1, type, link, event: wish } : null;
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
