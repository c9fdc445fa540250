/** Writes docs/session-record.schema.json from the types of src/inspect/records.ts; a test says where that is due. */
import { readFile, writeFile } from 'node:fs/promises';
import { createGenerator } from 'ts-json-schema-generator';

const FILE = new URL('../docs/session-record.schema.json', import.meta.url);

/** The schema of one record, as text. */
function recordSchema(): string {
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

/** True where the committed schema is that of the types. */
export const isCurrent = async (): Promise<boolean> => (await readFile(FILE, 'utf8')) === recordSchema();

if (process.argv[1] === new URL(import.meta.url).pathname) await writeFile(FILE, recordSchema());
