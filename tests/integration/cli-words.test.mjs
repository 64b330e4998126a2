// SPDX-License-Identifier: Apache-2.0
// Help, manual and completion are made of the tables that run the commands: all of them say the same, for every command.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plainBinary as binary, run, temporaryDirectory } from './lib/server.mjs';

const manual = fileURLToPath(new URL('../../docs/man', import.meta.url));
/** Hundreds of them, which only print: without sanitizers. */
const say = (args) => run(args, { program: binary });
const offered = async (...words) => (await say(['complete', '--', ...words])).stdout.trim().split('\n').filter(Boolean);

test('docs/man holds what the program says, a page a command and no other', async () => {
  const commands = await offered('');
  const wanted = ['chatelaine.1', ...commands.map((name) => `chatelaine-${name}.1`)].sort();
  assert.deepEqual(readdirSync(manual).filter((name) => name.endsWith('.1')).sort(), wanted);
  for (const name of wanted) {
    const command = name.slice('chatelaine-'.length, -2);
    const { stdout, status } = await say(['manual', ...(name === 'chatelaine.1' ? [] : [command])]);
    assert.equal(status, 0);
    assert.equal(readFileSync(join(manual, name), 'utf8'), stdout, `docs/man/${name} is old: chatelaine manual ${command} > docs/man/${name}`);
  }
  assert.equal((await say(['manual', 'complete'])).status, 2);
});

test('every command explains itself, and completion offers what its help names', async () => {
  const walk = async (words) => {
    const commands = (await offered(...words, '')).filter((word) => /^[a-z]/.test(word));
    const { stdout, status } = await say([...words, '--help']);
    assert.equal(status, 0, words.join(' '));
    if (stdout.includes('\nCommands:\n')) {
      assert.ok(commands.length > 0, words.join(' '));
      for (const command of commands) assert.ok(stdout.includes(`\n  ${command} `), `${words.join(' ')} ${command}`);
      await Promise.all(commands.map((command) => walk([...words, command])));
      return;
    }
    const named = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option).sort();
    assert.deepEqual((await offered(...words, '--')).sort(), named, words.join(' '));
  };
  await walk([]);
});

test('completion knows commands, options, values and files', async () => {
  assert.deepEqual(await offered('env'), ['environment']);
  assert.deepEqual(await offered('environment', 'r'), ['rename']);
  assert.deepEqual(await offered('apply', '--dr'), ['--dry-run']);
  assert.deepEqual(await offered('apply', '-f', ''), [':files']);
  assert.deepEqual(await offered('apply', '--product', 'a'), []);
  assert.deepEqual(await offered('nothing', ''), []);
  assert.deepEqual(await offered('secret', 'list', '--', '--'), []);
  assert.equal((await say(['completion', 'fish'])).status, 2);
});

test('bash takes the script', async (t) => {
  const { stdout } = await say(['completion', 'bash']);
  const directory = temporaryDirectory(t);
  execFileSync('touch', [join(directory, 'a file.json')]);
  const complete = (...words) => {
    const script = `PATH="${join(binary, '..')}:$PATH"; cd "${directory}"; compopt() { :; }; ${stdout}
      COMP_WORDS=(chatelaine "$@"); COMP_CWORD=$(($#)); _chatelaine; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout: said, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return said.trim().split('\n');
  };
  assert.deepEqual(complete('visi'), ['visitor']);
  assert.deepEqual(complete('visitor', 'er'), ['erase']);
  assert.deepEqual(complete('apply', '-f', 'a'), ['a file.json']);
});
