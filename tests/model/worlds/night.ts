/**
 * Searches thousands of worlds: `npm run test:worlds -- --count 20000 --from 1`. Without `--from` each day has its own worlds. To continue an
 * interrupted search, pass the `--from` that its last line names. `--seed` runs one world, with `--path` and `--replay` in the smallest form
 * that was found.
 */
import { parseArgs } from 'node:util';
import { toReport, unseen } from './report';
import { runWorlds } from './run';

const DAY_MS = 86_400_000;
const WORLDS_A_NIGHT = 20_000;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    count: { type: 'string', default: String(WORLDS_A_NIGHT) },
    seed: { type: 'string' },
    path: { type: 'string' },
    replay: { type: 'string' },
  },
});
const today = Math.floor(Date.now() / DAY_MS) % 50_000;
const from = Number(values.seed ?? values.from ?? today * WORLDS_A_NIGHT + 1);
const count = values.seed === undefined ? Number(values.count) : 1;

const print = (text: string) => void process.stdout.write(`${text}\n`);

const run = await runWorlds({
  ...{ from, count, every: 250 },
  options: {
    ...(values.path !== undefined && { path: values.path }),
    ...(values.replay !== undefined && { replayPath: values.replay }),
  },
  tell: print,
});

const { failed } = run;
if (failed) {
  const { seed, replay, report, trace } = failed;
  print(report);
  print(trace.join('\n'));
  print(`again: npm run test:worlds -- --seed ${seed} --path ${replay.path} --replay '${replay.replayPath}'`);
} else {
  print(toReport(run));
}
// A handful of worlds cannot cause everything.
const missing = failed || count < 1_000 ? [] : unseen(run.census);
for (const each of missing) print(`NEVER SEEN: ${each}`);
process.exitCode = failed || missing.length > 0 ? 1 : 0;
