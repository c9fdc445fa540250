import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { parseRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { isCurrent } from '../../scripts/record-schema';
import { LIBRARY_VERSION } from '../../src/inspect/version';
import { pass } from '../contract/players';
import { type FixtureName, recordsOf } from './fixtures';
import { connectRecorded } from './recorded';

/** The generator reads the whole program. */
const GENERATE_MS = 120_000;

const schema: object = JSON.parse(
  readFileSync(new URL('../../docs/session-record.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv({ strict: false }).compile(schema);
const isValid = (value: unknown) => validate(JSON.parse(JSON.stringify(value)));

describe('the schema of a record', () => {
  it('matches the types', { timeout: GENERATE_MS }, async () => {
    expect(await isCurrent()).toBe(true);
  });

  it.each<FixtureName>(['outage', 'failure'])('accepts every record of the recorded %s', (name) => {
    for (const record of recordsOf(name))
      expect([isValid(record), validate.errors, record]).toEqual([true, null, record]);
  });

  it('accepts every record of a session recorded just now, and each is read back unchanged', async () => {
    const { recorder, world, a } = await connectRecorded({ recoveryBudgetMs: 10_000 });
    recorder.mark('fault');
    world.b.kill();
    await pass(20_000);
    a.manager.close();
    const { records } = recorder;
    expect(new Set(records.map(({ kind }) => kind)).size).toBe(9);
    for (const record of records) {
      expect([isValid(record), validate.errors, record]).toEqual([true, null, record]);
      expect(parseRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
    }
  });

  it('rejects a record of another version, of another kind, or with unknown or invalid members', () => {
    const record = recordsOf('outage').find(({ kind }) => kind === 'sample');
    expect(isValid(record)).toBe(true);
    for (const change of [{ v: 2 }, { kind: 'sdp' }, { sdp: 'v=0' }, { loss: 'much' }, { seq: null }])
      expect(isValid({ ...record, ...change })).toBe(false);
  });
});

describe('the version in a session record', () => {
  it('is that of the package', () => {
    expect(LIBRARY_VERSION).toBe(version);
  });
});
