import { existsSync, readFileSync } from 'node:fs';

/** The runs on file, one of JSON in each line; none without the file. */
export function readRuns<Run>(path: string): Run[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line): Run => JSON.parse(line));
}
