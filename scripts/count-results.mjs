// SPDX-License-Identifier: Apache-2.0
// Reads what a test runner wrote for machines and prints "<passed> <failed>"; what failed, and what its runner said of
// it, goes to standard error. A runner that ran nothing, or a test program that ended otherwise than its own count says,
// is a failure.
import { readFileSync } from 'node:fs';

const [kind, file] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const result = { passed: 0, failed: [] };

/** What is kept of what a failed test said: enough to know why, not a whole log. */
const lastLines = (said, count = 40) => said.trimEnd().split('\n').slice(-count);
const withWhy = (name, lines) => [name, ...lines.map((line) => line.slice(0, 400))].join('\n      ');
const plain = (said) => said.replaceAll(/\u001b\[[0-9;]*m/g, '');

/** node:test's TAP ends with its own totals; subtests are in them. */
function nodeTap() {
  const total = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
  result.passed = total('pass');
  const failed = total('fail') + total('cancelled');
  if (Number.isNaN(result.passed + failed)) return result.failed.push(`${file} breaks off before its totals`);
  const blocks = [...text.matchAll(/^( *)not ok \d+ - (.*)\n(?:\1  ---\n([^]*?)^\1  \.\.\.$)?/gm)];
  const names = blocks.map(([, , name, why = '']) => withWhy(name, why.trimEnd().split('\n').slice(0, 40)));
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
    if (failed.length > 0) failed[0] = withWhy(failed[0], lastLines(program.stderr ?? ''));
    result.passed += passed;
    result.failed.push(...failed);
  }
}

function vitest() {
  const report = JSON.parse(text);
  result.passed = report.numPassedTests;
  for (const suite of report.testResults) {
    const failed = suite.assertionResults.filter((one) => one.status === 'failed')
      .map((one) => withWhy(one.fullName, lastLines(plain(one.failureMessages.join('\n')))));
    if (suite.status === 'failed' && failed.length === 0) failed.push(withWhy(`${suite.name} did not run`, lastLines(plain(suite.message ?? ''))));
    result.failed.push(...failed);
  }
}

function playwright() {
  const { stats, errors, suites } = JSON.parse(text);
  result.passed = stats.expected + stats.flaky;
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
  for (const spec of suites.flatMap(specs))
    for (const test of spec.tests.filter(({ status }) => status === 'unexpected')) {
      const why = test.results.flatMap(({ errors: met }) => met.map(({ message }) => plain(message ?? '')));
      result.failed.push(withWhy(`${test.projectName} › ${spec.file} › ${spec.title}`, lastLines(why.join('\n'))));
    }
  while (result.failed.length < stats.unexpected) result.failed.push('a browser test without a name');
  for (const error of errors) result.failed.push(error.message);
}

({ 'node-tap': nodeTap, meson, vitest, playwright })[kind]();
if (result.passed + result.failed.length === 0) result.failed.push(`${file}: no test was run`);
for (const name of result.failed) console.error(`  failed: ${name}`);
console.log(`${result.passed || 0} ${result.failed.length}`);
