import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The tests that judge the mutants of each folder. Random sequences, worlds and the browsers' table would find the same, but much later. */
const JUDGES: Readonly<Record<string, string[]>> = {
  machines: ['tests/machines/**/*.test.ts'],
  'src/environment': ['tests/unit/environment*.test.ts'],
  'src/stats': [
    'tests/unit/{latency-telemetry,path*,quality-monitor}.test.ts',
    'tests/contract/{relayed,telemetry}.test.ts',
  ],
  'src/inspect': ['tests/inspect/**/*.test.ts'],
  'src/testing': ['tests/contract/{chaos,fake-relay}.test.ts', 'tests/unit/fake-*.test.ts'],
};
const JUDGES_OF_THE_REST = ['tests/{unit,contract,compat}/**/*.test.ts'];
/** Real time passes in these: they judge what they are about, and nothing else. */
const JUDGES_OF_SIGNALING = ['tests/contract/{real-relay,signaling}.test.ts'];
const JUDGES_OF_THE_FAKES = ['**/fake-*.test.ts', '**/chaos.test.ts', '**/soak-judge.test.ts'];
/** The pages are not in Stryker's sandbox. */
const JUDGES_OF_THE_DOCS = ['**/{docs-examples,options-docs,testing-docs}.test.ts'];

/** The first test that fails ends a mutant, so the quick ones go first: the small files, as none has been timed. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).reverse();
  }
}

const { MUTATED: mutated = '' } = process.env;
const judges = JUDGES[mutated];
const others = [
  ...JUDGES_OF_THE_FAKES,
  ...JUDGES_OF_THE_DOCS,
  ...(mutated === 'src/signaling' ? [] : JUDGES_OF_SIGNALING),
];

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: 'node',
    include: judges ?? JUDGES_OF_THE_REST,
    exclude: ['tests/machines/any-sequence.test.ts', ...(judges ? [] : others)],
    // A mutant is judged in a worker of its own; within it, the files share what they import.
    isolate: false,
    // A busy machine must not fail the first run, which a whole folder waits for. A mutant of a fake makes a promise
    // wait for ever more often than not, and the tests of the fakes wait for no real time.
    testTimeout: mutated === 'src/testing' ? 3_000 : 20_000,
    hookTimeout: 20_000,
    sequence: { sequencer: QuickestFirst },
  },
});
