import { parseRecord, type SessionRecord } from 'holdfast/inspect';
import { type Head, headOf, headOfLine } from './head';

/** A line of a recording; null where it is none. */
export function recordOfLine(line: string): SessionRecord | null {
  try {
    return parseRecord(JSON.parse(line));
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
}

/** Reads a recording of any length: of a line only what the indexes need, the rest when it is looked at. */
export function readLines(text: string): ReadLines {
  const links: ReadLines['links'] = new Map();
  const badLines: number[] = [];
  let number = 0;
  // Nothing that is made for a line and thrown away: collecting it would take longer than reading.
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    number += 1;
    const line = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (line === '') continue;
    const head = headOfLine(line) ?? headOfForeignLine(line);
    if (head) put(links, line, head);
    else badLines.push(number);
  }
  return { links, badLines };
}

function put(links: ReadLines['links'], line: string, head: Head): void {
  const own = links.get(head.link);
  if (own) {
    own.lines.push(line);
    own.heads.push(head);
  } else links.set(head.link, { lines: [line], heads: [head] });
}

/** Another writer may order the members otherwise. */
function headOfForeignLine(line: string): Head | null {
  const record = recordOfLine(line);
  return record && headOf(record);
}
