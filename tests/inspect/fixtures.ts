import { readFileSync } from 'node:fs';
import { parseNdjson, type SessionRecord } from 'holdfast/inspect';

export type FixtureName = 'outage' | 'failure';

/** The text of a session that `npm run record:fixtures` recorded. */
export const readFixture = (name: FixtureName): string =>
  readFileSync(new URL(`./fixtures/${name}.ndjson`, import.meta.url), 'utf8');

export const recordsOf = (name: FixtureName): SessionRecord[] => parseNdjson(readFixture(name)).records;
