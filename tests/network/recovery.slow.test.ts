import { afterEach, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { CELLS } from './support/cells.js';
import { LAB_NEEDS } from './support/lab.js';
import type { Match } from './support/match.js';
import { stage } from './support/play.js';

/** `npm run bench:recovery` measures the matrix; here a part of it must end well, however long it takes. */
const PLAYED = [
  'udp-20-cc',
  'udp-40-cc',
  'udp-40-cf',
  'peer-20-cc',
  'address-cc',
  'blocked-cc',
  'turn-cc',
  'reload-cc',
  'crash-cc',
  'leave-cc',
];

describe.skipIf(!requires(...LAB_NEEDS))('recovery between real browsers, preset rollback', () => {
  let match: Match | undefined;

  afterEach(async () => {
    await match?.close();
    match = undefined;
  });

  it.each(CELLS.filter(({ name }) => PLAYED.includes(name)))('$title ($browsers)', async (cell) => {
    const staged = await stage(cell, 'rollback');
    match = staged.match;

    const figures = await staged.play();

    expect(figures.faults).toEqual([]);
    expect(figures.states).toEqual(cell.end);
    if (Object.values(cell.end).includes('connected')) expect(figures.afterHealMs).not.toBeNull();
  });
});
