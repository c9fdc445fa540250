import { existsSync, readFileSync } from 'node:fs';

/** Reads the runs on file, one JSON object per line; empty without the file. */
export function readRuns<Run>(path: string): Run[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line): Run => JSON.parse(line));
}
