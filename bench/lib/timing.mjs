// SPDX-License-Identifier: Apache-2.0
// Side channels: whether the time of a comparison tells how much of a secret was guessed. bench/timing.c says how.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runOn } from './processes.mjs';
import { table, thousands } from './statistics.mjs';

const build = fileURLToPath(new URL('../../build', import.meta.url));

/** Beyond it the two classes differ by more than chance (1 in 100,000); ten times that is beyond doubt. */
const limit = 4.5;

export async function benchTiming(place, { quick }) {
  await promisify(execFile)('ninja', ['-C', build, 'bench/timing']);
  const directory = mkdtempSync(join(place.out, 'timing-'));
  try {
    const output = await runOn(place.cores.server, join(build, 'bench/timing'), [String(quick ? 200_000 : 4_000_000), directory]);
    const [control, ...subjects] = output.trim().split('\n').map((line) => JSON.parse(line));
    console.log('\nSide channels: wrong guesses that share all but the last bytes with the secret (near), and none (far); mean ticks, Welch\'s t\n');
    console.log(table(['', 'near', 'far', 't', 'samples'], [control, ...subjects].map((row) => [row.name, row.near.toFixed(2), row.far.toFixed(2), row.t.toFixed(1), thousands(row.samples)])));
    const leaks = subjects.filter((row) => Math.abs(row.t) > limit).map((row) => row.name);
    console.log(`\n${Math.abs(control.t) > 10 * limit ? 'The control is caught' : 'THE CONTROL IS NOT CAUGHT: the rest proves nothing'}; ${leaks.length === 0 ? `nothing else is beyond |t| = ${limit}` : `LEAKS: ${leaks.join(', ')}`}.`);
    return { control, subjects, limit };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
