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

/** What a file holds: each line with what is known of it, and the numbers of those that are no records. */
export interface ReadLines {
  entries: { entry: string; head: Head }[];
  /** From 1. */
  badLines: number[];
}

/** Reads a recording of any length: of a line only what the indexes need, the rest when it is looked at. */
export function readLines(text: string): ReadLines {
  const entries: ReadLines['entries'] = [];
  const badLines: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (entry === '') continue;
    const head = headOfLine(entry) ?? headOfForeignLine(entry);
    if (head) entries.push({ entry, head });
    else badLines.push(index + 1);
  }
  return { entries, badLines };
}

/** Another writer may order the members otherwise. */
function headOfForeignLine(line: string): Head | null {
  const record = recordOfLine(line);
  return record && headOf(record);
}
