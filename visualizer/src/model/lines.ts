import { parseRecord, type SessionRecord } from 'holdfast/inspect';
import { type Head, headOf, headOfLine } from './head';
import { type Newer, newerOf, newest } from './newer';

/** A line of a recording; null where it is none. */
export const recordOfLine = (line: string): SessionRecord | null => parseRecord(jsonOf(line));

/** Null, too, where a text is no JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Lines of one link, each beside what is known of it. */
export interface LinkLines {
  readonly lines: string[];
  readonly heads: Head[];
}

/** What a file holds: the lines of each link, and the numbers of those that are no records. */
export interface ReadLines {
  links: Map<string, LinkLines>;
  /** From 1. */
  badLines: number[];
  /** Of the bad lines, the newest version that one is a record of. */
  newer: Newer | null;
}

/** Reads a recording of any length: of a line only what the indexes need, the rest when it is looked at. */
export function readLines(text: string): ReadLines {
  const links: ReadLines['links'] = new Map();
  const badLines: number[] = [];
  let newer: Newer | null = null;
  let number = 0;
  // Nothing that is made for a line and thrown away: collecting it would take longer than reading.
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    number += 1;
    const line = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (line === '') continue;
    const head = headOfLine(line);
    const value = head ? null : jsonOf(line);
    const known = head ?? headOfForeign(value);
    if (known) put(links, line, known);
    else {
      badLines.push(number);
      newer = newest(newer, newerOf(value));
    }
  }
  return { links, badLines, newer };
}

function put(links: ReadLines['links'], line: string, head: Head): void {
  const own = links.get(head.link);
  if (own) {
    own.lines.push(line);
    own.heads.push(head);
  } else links.set(head.link, { lines: [line], heads: [head] });
}

/** Another writer may order the members otherwise. */
function headOfForeign(value: unknown): Head | null {
  const record = parseRecord(value);
  return record && headOf(record);
}
