import { parseRecord, type SessionRecord } from 'holdfast/inspect';
import { type Head, headOf, headOfLine } from './head';
import { type NewerVersion, newerVersionOf, newest } from './newer-version';

/** Parses a line of a recording; null if it is not a record. */
export const recordOfLine = (line: string): SessionRecord | null => parseRecord(jsonOf(line));

/** Null if the text is not JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The lines of one link, each with its head. */
export interface LinkLines {
  readonly lines: string[];
  readonly heads: Head[];
}

/** The contents of a file: the lines of each link, and the numbers of lines that are not records. */
export interface ReadLines {
  links: Map<string, LinkLines>;
  /** Line numbers, from 1. */
  badLines: number[];
  /** The newest record version among the bad lines. */
  newer: NewerVersion | null;
}

/** Reads a recording of any length. Reads from each line only what the indexes need, and the rest when it is shown. */
export function readLines(text: string): ReadLines {
  const links: ReadLines['links'] = new Map();
  const badLines: number[] = [];
  let newer: NewerVersion | null = null;
  let number = 0;
  // Creates no temporary objects per line: collecting them would take longer than reading.
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    number += 1;
    const line = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (line === '') continue;
    const head = headOfLine(line);
    const value = head ? null : jsonOf(line);
    const known = head ?? headOfParsed(value);
    if (known) put(links, line, known);
    else {
      badLines.push(number);
      newer = newest(newer, newerVersionOf(value));
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

/** Other writers may order the members differently. */
function headOfParsed(value: unknown): Head | null {
  const record = parseRecord(value);
  return record && headOf(record);
}
