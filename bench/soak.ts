/** `npm run soak -- --minutes 30 --seed 1`: two Chromium pages play continuously with a fault every 20 s, and must not leak memory. */

import { parseArgs } from 'node:util';
import { soak } from '../tests/network/support/soak/soak';
import { printSoak } from '../tests/network/support/soak/soak-print';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new Error('--minutes must be a number above 0, --seed an integer');

const result = await soak({ minutes, seed, say: (line) => process.stderr.write(`${line}\n`) });
console.log(printSoak(result));
process.exitCode = result.violations.length === 0 ? 0 : 1;
