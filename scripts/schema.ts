/** Regenerates docs/session-record.schema.json. A test fails when it is out of date. */
import { writeFile } from 'node:fs/promises';
import { recordSchema, SCHEMA_FILE } from './record-schema';

await writeFile(SCHEMA_FILE, recordSchema());
