// SPDX-License-Identifier: Apache-2.0
// Reads what a test runner wrote for machines and prints "<passed> <failed>"; the names of what failed go to standard
// error. A runner that ran nothing, or a test program that ended otherwise than its own count says, is a failure.
import { readFileSync } from 'node:fs';

const [kind, file] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const result = { passed: 0, failed: [] };

/** node:test's TAP ends with its own totals; subtests are in them. */
function nodeTap() {
  const total = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
  result.passed = total('pass');
  const failed = total('fail') + total('cancelled');
  if (Number.isNaN(result.passed + failed)) return result.failed.push(`${file} breaks off before its totals`);
  const names = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map((match) => match[1]);
  for (let i = 0; i < failed; i++) result.failed.push(names[i] ?? 'a test without a name');
}

/** Meson's log: one JSON object for each test program, with the TAP of its cmocka tests as its output. */
function meson() {
  for (const line of text.split('\n').filter(Boolean)) {
    const program = JSON.parse(line);
    const tap = program.stdout ?? '';
    const failed = [...tap.matchAll(/^not ok \d+ - (.*)$/gm)].map((match) => `${program.name}: ${match[1]}`);
    const skipped = [...tap.matchAll(/^(not )?ok \d+ # SKIP/gm)].length; // cmocka calls them "not ok"
    const passed = [...tap.matchAll(/^ok \d+ - /gm)].length;
    const planned = [...tap.matchAll(/^1\.\.(\d+)/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
    if (failed.length === 0 && (program.result !== 'OK' || passed === 0 || passed + skipped !== planned))
      failed.push(`${program.name}: ${program.result}, ${passed} of ${planned} tests passed`);
    result.passed += passed;
    result.failed.push(...failed);
  }
}

function vitest() {
  const report = JSON.parse(text);
  result.passed = report.numPassedTests;
  for (const suite of report.testResults) {
    const failed = suite.assertionResults.filter((one) => one.status === 'failed').map((one) => one.fullName);
    if (suite.status === 'failed' && failed.length === 0) failed.push(`${suite.name} did not run`);
    result.failed.push(...failed);
  }
}

function playwright() {
  const { stats, errors } = JSON.parse(text);
  result.passed = stats.expected + stats.flaky;
  for (let i = 0; i < stats.unexpected; i++) result.failed.push('a browser test: see above');
  for (const error of errors) result.failed.push(error.message);
}

({ 'node-tap': nodeTap, meson, vitest, playwright })[kind]();
if (result.passed + result.failed.length === 0) result.failed.push(`${file}: no test was run`);
for (const name of result.failed) console.error(`  failed: ${name}`);
console.log(`${result.passed || 0} ${result.failed.length}`);
