import { describe, expect, it, vi } from 'vitest';
import { Hunt } from './hunt';
import { generatePaths } from './paths';
import { SUBJECTS } from './subjects';

/** A thousand machines, and twice as many in `npm run test:mutants`; the deadline only bounds a hang. */
vi.setConfig({ testTimeout: 900_000 });

describe.each(SUBJECTS)('the mutants of the $name machine', (subject) => {
  const hunt = new Hunt(subject, generatePaths(subject));

  it('are not killed by the way they are built: the unchanged machine survives', () => {
    expect(() => hunt.proveFair()).not.toThrow();
  });

  it('are all killed', () => {
    const verdicts = hunt.mutants(false).map((mutant) => hunt.judge(mutant));
    const survivors = verdicts.filter(({ killer }) => killer === null);
    expect(survivors.map(({ mutant: { kind, name } }) => `${kind}: ${name}`)).toEqual([]);
    console.log(`${subject.name}: ${verdicts.length} mutants, each killed`);
  });
});
