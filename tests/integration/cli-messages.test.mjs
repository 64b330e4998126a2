// SPDX-License-Identifier: Apache-2.0
// What goes wrong on the command line says what happened and what to do, with the exit status that the manual names.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentDocument } from './lib/document.mjs';
import { files } from './lib/cli.mjs';
import { storeOf } from './lib/postgres.mjs';
import { binary, chatelaine, run, temporaryDirectory } from './lib/server.mjs';

/** A data directory with the environment acme/test. */
async function installation(t) {
  const data = join(temporaryDirectory(t), 'data');
  const at = ['--data', data, '--product', 'acme', '--environment', 'test'];
  await chatelaine('init', '--data', data);
  await chatelaine('environment', 'apply', ...at, '-f', files(t)('environment.json', environmentDocument()));
  return { data, at };
}

/** Each is [arguments, exit status, what standard error says]. */
async function says(cases, options) {
  for (const [args, expected, pattern] of cases) {
    const { status, stdout, stderr } = await run(args, options);
    assert.match(stderr, pattern, args.join(' '));
    assert.equal(status, expected, `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout, '', args.join(' '));
  }
}
/** With a shell around it, for pipes and devices. */
const shell = (command, data) => new Promise((done) => {
  const child = spawn('bash', ['-c', command], { env: { ...process.env, ...storeOf(['--data', data]), PROGRAM: binary, DATA: data }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  child.once('close', (status) => done({ status, text }));
});

test('what other programs know is known: --version, help, help with a command', async () => {
  assert.deepEqual(await run(['--version']), await run(['version']));
  assert.deepEqual(await run(['--version', '--json']), await run(['version', '--json']));
  assert.deepEqual(await run(['help']), await run(['--help']));
  assert.deepEqual(await run(['help', 'key', 'revoke']), await run(['key', 'revoke', '--help']));
  assert.deepEqual(await run(['product', 'help', 'list']), await run(['product', 'list', '--help']));
  await says([[['help', 'key', 'revok'], 2, /did you mean 'revoke'/]]);
});

test('an empty value is no value: a variable of a script that is not set names neither all nor another place', async (t) => {
  const { data, at } = await installation(t);
  await says([
    [['product', 'list', '--data', ''], 2, /--data is empty: give it its value \(DIR\)/],
    [['product', 'list', '--server=', '--data', data], 2, /--server is empty/],
    [['audit', 'list', '--data', data, '--product', 'acme', '--environment', ''], 2, /--environment is empty/],
    [['conversation', 'list', ...at, '--visitor', ''], 2, /--visitor is empty/],
    [['key', 'revoke', '', ...at], 2, /what is given as KEY-ID is empty/],
  ]);
  const env = { ...storeOf(['--data', data]), CHATELAINE_DATA: data, CHATELAINE_SERVER: '', CHATELAINE_STORE_FILE: '', CHATELAINE_EXTRA_CA_FILE: '' };
  assert.equal((await run(['product', 'list'], { env })).status, 0, 'a file of variables may leave them empty');
  await says([[['serve'], 2, /CHATELAINE_DRAIN takes a whole number/]], { env: { ...env, CHATELAINE_DRAIN: 'x' } });
  await says([[['serve'], 2, /CHATELAINE_THREADS is a number from 0 to 256/]], { env: { ...env, CHATELAINE_THREADS: '257' } });
});

test('who names a place wrongly learns how to name it', async (t) => {
  const { data } = await installation(t);
  const show = (...words) => ['environment', 'show', '--data', data, ...words];
  await says([
    [show('--environment', 'test'), 2, /say by --product which product the environment 'test' is of/],
    [show('--environment', 'tset', '--product', 'acme'), 1, /no environment 'tset' in acme; did you mean 'test'/],
    [show('--environment', 'production', '--product', 'acme'), 1, /no environment 'production' in acme; `chatelaine environment list --product acme`/],
    [show('--environment', 'test', '--product', 'acm'), 1, /no product 'acm'; `chatelaine product list`/],
    [['product', 'list', '--server', 'chat.example'], 2, /must begin with https/],
    [['export', '--data', data, '-o', '/nowhere/x'], 1, /^chatelaine export: \/nowhere\/x: it cannot be written there: No such file/],
    [['secret', 'set', 'a', '-f', data, '--data', data, '--product', 'acme', '--environment', 'test'], 1, /may be a directory/],
    [['admin', 'invite', 'a@b.example', '--name', 'A', '--role', 'boss', '--data', data], 2, /--role boss: a role is owner, admin, developer or viewer/],
    [['api', 'POST', '/products', '--data', data], 2, /by --file FILE/],
    [['api-token', 'list', '--data', data], 2, /--server.*--email/],
  ]);
});

test('a result that reaches nobody is none', async (t) => {
  const { data } = await installation(t);
  const full = await shell('"$PROGRAM" product list --data "$DATA" >/dev/full', data);
  assert.deepEqual([full.status, full.text], [1, 'chatelaine: The result could not be written: No space left on device.\n']);
  const enough = await shell('"$PROGRAM" schema | head -c 1', data);
  assert.equal(enough.text, '{', 'who has read enough is told nothing');
  // A reader that has gone for certain, and a disk that is full: small answers, which wait in a buffer, and large ones, which do not.
  for (const command of ['audit export', 'api GET /products', 'api GET /openapi.json', 'product list', 'schema']) {
    const where = command === 'schema' ? '' : '--data "$DATA"';
    const gone = await shell(`exec 3> >(:); wait $!; "$PROGRAM" ${command} ${where} >&3`, data);
    assert.deepEqual([gone.status, gone.text], [1, ''], command);
    const noRoom = await shell(`"$PROGRAM" ${command} ${where} >/dev/full`, data);
    assert.equal(noRoom.status, 1, command);
    assert.match(noRoom.text, /^chatelaine: The result could not be written: (No space left on device\.|is the disk full\?)\n$/, command);
  }
});

test('what follows the log ends when nobody reads it any more', async (t) => {
  const { data, at } = await installation(t);
  const follower = spawn(binary, ['audit', 'tail', ...at], { env: { ...process.env, ...storeOf(['--data', data]) }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => follower.kill('SIGKILL'));
  const ended = new Promise((done) => follower.once('exit', (status) => done(status)));
  let isSeen;
  follower.stdout.once('data', () => isSeen());
  const seen = new Promise((done) => (isSeen = done));
  const makeKeys = setInterval(() => execFileSync(binary, ['key', 'issue', ...at], { env: { ...process.env, ...storeOf(['--data', data]) } }), 300);
  t.after(() => clearInterval(makeKeys));
  await seen;
  follower.stdout.destroy();
  assert.equal(await ended, 1);
});
