/** Writes docs/session-record.schema.json anew; a test says when that is due. */
import { writeFile } from 'node:fs/promises';
import { recordSchema, SCHEMA_FILE } from './record-schema';

await writeFile(SCHEMA_FILE, recordSchema());
