import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The tests that judge the mutants of each folder. Random sequences and worlds would find the same, but much later. */
const JUDGES = {
  machines: ['tests/machines/**/*.test.ts'],
  src: ['tests/{unit,contract,compat}/**/*.test.ts'],
} as const;

/** The first test that fails ends a mutant, so the quick ones go first. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).reverse();
  }
}

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: 'node',
    include: [...JUDGES[process.env.MUTATED === 'machines' ? 'machines' : 'src']],
    exclude: ['tests/machines/any-sequence.test.ts'],
    sequence: { sequencer: QuickestFirst },
  },
});
