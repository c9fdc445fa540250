// Lists every mutant of the machines and what killed it: `npm run test:mutants`. Exits with 1 if one survives.
import { Hunt } from '../tests/model/hunt.js';
import { generatePaths } from '../tests/model/paths.js';
import { SUBJECTS } from '../tests/model/subjects.js';

const survivors: string[] = [];
for (const subject of SUBJECTS) {
  const paths = generatePaths(subject);
  const hunt = new Hunt(subject, paths);
  hunt.proveFair();
  const counts = new Map<string, number>();
  const mutants = hunt.mutants(true);
  for (const mutant of mutants) {
    const { killer } = hunt.judge(mutant);
    const title = `${subject.name}: ${mutant.kind}: ${mutant.name}`;
    console.log(killer === null ? `SURVIVED ${title}` : `killed ${title}\n       by ${killer.slice(0, 200)}`);
    if (killer === null) survivors.push(title);
    counts.set(mutant.kind, (counts.get(mutant.kind) ?? 0) + 1);
  }
  console.log(`\n${subject.name}: ${mutants.length} mutants on ${paths.length} paths`);
  for (const [kind, count] of counts) console.log(`${String(count).padStart(6)} ${kind}`);
  console.log();
}
for (const survivor of survivors) console.error(`SURVIVED ${survivor}`);
console.log(`${survivors.length} survived`);
process.exitCode = survivors.length > 0 ? 1 : 0;
