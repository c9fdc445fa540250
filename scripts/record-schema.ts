/** The JSON schema of a record, docs/session-record.schema.json, generated from the types in src/inspect/records.ts. */
import { readFile } from 'node:fs/promises';
import { createGenerator } from 'ts-json-schema-generator';

export const SCHEMA_FILE = new URL('../docs/session-record.schema.json', import.meta.url);

/** The schema as text. */
export function recordSchema(): string {
  const generator = createGenerator({
    path: 'src/inspect/records.ts',
    tsconfig: 'tsconfig.json',
    type: 'SessionRecord',
    topRef: false,
    skipTypeCheck: true,
    additionalProperties: false,
  });
  const { $schema, ...schema } = generator.createSchema('SessionRecord');
  const title = 'A record of a Holdfast session, version 1';
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`;
}

/** Whether the committed schema matches the types. */
export const isCurrent = async (): Promise<boolean> =>
  (await readFile(SCHEMA_FILE, 'utf8')) === recordSchema();
