// SPDX-License-Identifier: Apache-2.0
// The administrator's commands, as typed: what they make, what they refuse, and what they never show.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentDocument, hmacIssuer } from './lib/document.mjs';
import { storeOf } from './lib/postgres.mjs';
import { binary, chatelaine, run, startServer, temporaryDirectory } from './lib/server.mjs';

const tool = (name, more = {}) => ({
  name, title: name, description: 'Does it.', url: 'https://tools.example/do', access: 'public',
  parameters: { type: 'object', properties: {} }, ...more,
});

/** A data directory with the environment acme/test; `at` are the options that name it. */
async function installation(t, document = environmentDocument()) {
  const directory = temporaryDirectory(t);
  const data = join(directory, 'data');
  await chatelaine('init', '--data', data);
  const at = ['--data', data, '--product', 'acme', '--environment', 'test'];
  const write = (name, value) => {
    const file = join(directory, name);
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  };
  const applied = await chatelaine('environment', 'apply', ...at, '-f', write('environment.json', document));
  return { data, at, write, applied };
}

/** All bytes that the installation has on disk. */
const everything = (data) => readdirSync(data).filter((name) => name !== 'master.key').map((name) => readFileSync(join(data, name), 'latin1')).join('');

async function refused(args, pattern, options) {
  const { status, stdout, stderr } = await run(args, options);
  assert.equal(status, 1, `${args.join(' ')}: ${stdout}${stderr}`);
  assert.match(stderr, pattern);
  assert.equal(stdout, '');
}

test('init makes a private directory once', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  assert.deepEqual(await chatelaine('init', '--data', data), { created: true, data });
  assert.equal(statSync(data).mode & 0o777, 0o700);
  for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name);
  const key = readFileSync(join(data, 'master.key'), 'utf8');
  assert.deepEqual(await chatelaine('init', '--data', data), { created: false, data });
  assert.equal(readFileSync(join(data, 'master.key'), 'utf8'), key);
});

test('init does not hide the loss of a master key', async (t) => {
  const { data } = await installation(t);
  unlinkSync(join(data, 'master.key'));
  await refused(['init', '--data', data], /master key is missing/);
  assert.equal(existsSync(join(data, 'master.key')), false);
});

test('the master key may come from the environment alone', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const env = { CHATELAINE_MASTER_KEY: `env-1:${Buffer.alloc(32, 7).toString('base64url')}`, CHATELAINE_DATA: data };
  assert.equal((await run(['init'], { env })).status, 0);
  assert.equal(existsSync(join(data, 'master.key')), false);
  assert.equal((await run(['product', 'create', 'acme'], { env })).status, 0);
  await refused(['secret', 'reseal'], /neither the file .* nor the variable/, { env: { CHATELAINE_DATA: data } });
  await refused(['secret', 'reseal'], /cannot be used/, { env: { ...env, CHATELAINE_MASTER_KEY: 'rubbish' } });
});

test('a directory without an installation is named, and so is the way to one', async (t) => {
  await refused(['product', 'list', '--data', temporaryDirectory(t)], /chatelaine init/);
});

test('a master key that others can read is refused', async (t) => {
  const { data, at } = await installation(t);
  chmodSync(join(data, 'master.key'), 0o644);
  await refused(['secret', 'generate', ...at], /chmod 600/);
});

test('a database of a newer version is refused', async (t) => {
  const { data } = await installation(t);
  execFileSync('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("INSERT INTO migrations VALUES (999, 0)"); c.commit()',
    join(data, 'chatelaine.db')]);
  await refused(['product', 'list', '--data', data], /newer version/);
});

test('products', async (t) => {
  const { data } = await installation(t);
  const at = ['--data', data];
  const product = await chatelaine('product', 'create', 'shop', ...at);
  assert.match(product.id, /^prod_[0-9a-f]{32}$/);
  assert.deepEqual((await chatelaine('product', 'list', ...at)).map(({ name }) => name), ['acme', 'shop']);
  await refused(['product', 'create', 'shop', ...at], /already/);
  await refused(['product', 'create', 'Shop!', ...at], /lower-case/);
  await refused(['product', 'delete', 'acme', ...at], /still has environments/);
  await chatelaine('product', 'rename', 'shop', 'store', ...at);
  await chatelaine('product', 'delete', 'store', ...at);
  assert.equal((await chatelaine('product', 'list', ...at)).length, 1);
  assert.match((await run(['product', 'list', ...at])).stdout, /^NAME +ID +MADE \(UTC\)\nacme +prod_/);
});

test('environments', async (t) => {
  const { data, at, write, applied } = await installation(t);
  const made = await chatelaine('environment', 'create', 'live', '--data', data, '--product', 'acme');
  assert.match(made.publishableKey, /^pk_[\w-]{43}$/);
  assert.deepEqual(made.config, {});
  await refused(['environment', 'create', 'live', '--data', data, '--product', 'acme'], /already/);
  await refused(['environment', 'create', 'live', '--data', data, '--product', 'nobody'], /no product 'nobody'/);
  assert.deepEqual((await chatelaine('environment', 'list', '--data', data)).map(({ name }) => name).sort(), ['live', 'test']);

  const shown = await chatelaine('environment', 'show', '--data', data, '--environment', applied.environment);
  assert.equal(shown.config.signIn.issuers[0].name, 'acme');
  const config = write('config.json', { origins: ['https://a.example'] });
  assert.deepEqual(await chatelaine('environment', 'set-config', ...at, '--file', config, '--version', '1'), { changed: true, version: 2 });
  await refused(['environment', 'set-config', ...at, '--file', write('other.json', {}), '--version', '1'], /omebody else/);
  await refused(['environment', 'set-config', ...at, '--file', write('bad.json', { origins: ['a.example/path'] })], /\/origins\/0: /);
  await refused(['environment', 'set-config', ...at, '--file', write('broken.json', '{"a":\n 1,}')], /broken\.json, line 2/);
  await refused(['environment', 'set-config', ...at, '--file', '/nowhere'], /no such file/);
  assert.equal((await run(['environment', 'set-config', ...at, '-f', '-'], { input: '{}' })).status, 0);

  await refused(['environment', 'delete', 'other-name', ...at], /say that to delete/);
  await chatelaine('environment', 'delete', 'test', ...at);
  await refused(['environment', 'show', ...at], /no environment 'test'/);
});

test('apply brings about what the document says, and no more', async (t) => {
  const document = { ...environmentDocument({ tools: [tool('one'), tool('two')] }) };
  const { at, write, applied } = await installation(t, document);
  assert.equal(applied.created, true);
  const again = await chatelaine('environment', 'apply', ...at, '-f', write('same.json', document));
  assert.deepEqual([again.created, again.changed, again.removed], [false, 0, 0]);
  assert.deepEqual([again.product, again.environment, again.publishableKey], [applied.product, applied.environment, applied.publishableKey]);

  const less = await chatelaine('environment', 'apply', ...at, '-f', write('less.json', { tools: [tool('two', { title: 'Second' })] }));
  assert.deepEqual([less.changed, less.removed], [1, 1]);
  assert.deepEqual((await chatelaine('tool', 'list', ...at)).map(({ name, version }) => [name, version]), [['two', 2]]);
  assert.equal((await chatelaine('knowledge', 'list', ...at)).length, 1);

  const before = JSON.stringify(await chatelaine('environment', 'show', ...at));
  for (const [pointer, bad] of [
    ['/config/signIn/issuers/0/mode', environmentDocument({ issuers: [hmacIssuer({ mode: 'hope' })] })],
    ['/tools/1', { tools: [tool('one'), { name: 'two' }] }],
    ['/knowledge/0/text', { config: {}, knowledge: [{ id: 'a', title: 'A', triggers: ['a'] }] }],
    ['/secrets', { secrets: [] }],
  ]) {
    const { status, stderr } = await run(['environment', 'apply', ...at, '-f', write('bad.json', bad), '--json']);
    assert.equal(status, 1, pointer);
    assert.ok(JSON.parse(stderr).error.startsWith(pointer), `${pointer}: ${stderr}`);
  }
  assert.equal(JSON.stringify(await chatelaine('environment', 'show', ...at)), before);
  assert.equal((await chatelaine('tool', 'list', ...at)).length, 1);
});

test('a signing secret is shown once, by nothing else, and is nowhere on the disk', async (t) => {
  const { data, at } = await installation(t);
  const made = await chatelaine('secret', 'generate', ...at);
  assert.match(made.secret, /^cs_[\w-]{43}$/);
  assert.equal(made.issuer, 'acme');
  await refused(['secret', 'generate', ...at, '--issuer', 'acme'], /Rotate it/);
  await refused(['secret', 'generate', ...at, '--issuer', 'nobody'], /no issuer 'nobody'/);
  const tools = await chatelaine('secret', 'generate', ...at, '--purpose', 'tool-signing');
  assert.equal(Buffer.from(tools.secret.replace(/^whsec_/, ''), 'base64').length, 32);
  const key = await chatelaine('key', 'issue', '--secret', ...at);
  assert.match(key.key, /^sk_[\w-]{43}$/);

  const shown = await Promise.all([['secret', 'list', '--all'], ['key', 'list'], ['environment', 'show'], ['audit', 'list']].flatMap(
    (words) => [run([...words, ...at]), run([...words, ...at, '--json'])]));
  const written = shown.map(({ status, stdout, stderr }) => {
    assert.equal(status, 0, stderr);
    return stdout + stderr;
  }).join('') + everything(data);
  for (const text of [made.secret, tools.secret, key.key]) {
    assert.equal(written.includes(text), false);
    assert.equal(written.includes(text.slice(-24)), false);
  }
  assert.ok(written.includes(made.hint));
});

test('secrets rotate with an overlap, end at once, and are killed', async (t) => {
  const { at } = await installation(t);
  const states = async () => (await chatelaine('secret', 'list', ...at, '--all')).map(({ state }) => state);
  await chatelaine('secret', 'generate', ...at);
  const second = await chatelaine('secret', 'rotate', ...at, '--overlap', '2h');
  assert.deepEqual(await states(), ['usable', 'ending']);
  const ending = (await chatelaine('secret', 'list', ...at)).find(({ state }) => state === 'ending');
  assert.equal(Date.parse(ending.expiresAt), Date.parse(second.createdAt) + 2 * 3600 * 1000);
  const third = await chatelaine('secret', 'rotate', ...at, '--now');
  assert.deepEqual(await states(), ['usable', 'killed', 'killed']);
  await chatelaine('secret', 'kill', third.id, ...at);
  await refused(['secret', 'kill', third.id, ...at], /still alive/);
  assert.deepEqual(await chatelaine('secret', 'list', ...at), []);
  for (const wrong of ['2', 'h', '-1h', '1y', '99999999999999999999h'])
    assert.equal((await run(['secret', 'rotate', ...at, `--overlap=${wrong}`])).status, 2, wrong);
});

test("somebody else's secret is read from standard input and sealed", async (t) => {
  const { data, at } = await installation(t);
  const value = 'sk-proj-0123456789abcdefghijklmnop';
  const { status, stdout } = await run(['secret', 'set', 'model', ...at, '--json'], { input: `${value}\n` });
  assert.equal(status, 0);
  assert.equal(stdout.includes(value.slice(8)), false);
  assert.equal(everything(data).includes(value.slice(8)), false);
  assert.equal((await run(['secret', 'set', 'model', ...at], { input: 'another-one-entirely-0123456789' })).status, 0);
  const list = await chatelaine('secret', 'list', ...at);
  assert.deepEqual(list.map(({ name, purpose }) => [name, purpose]), [['model', 'named']]);
  await refused(['secret', 'set', 'model', ...at], /empty/, { input: '\n' });
});

test('the master key is changed under the secrets', async (t) => {
  const { data, at } = await installation(t);
  await chatelaine('secret', 'generate', ...at);
  const { id } = await chatelaine('secret', 'new-master-key', '--data', data);
  const file = join(data, 'master.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await chatelaine('secret', 'reseal', '--data', data), { resealed: 1, unopened: 0 });
  assert.deepEqual(await chatelaine('secret', 'reseal', '--data', data), { resealed: 0, unopened: 0 });
  const keys = readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(keys.length, 2);
  assert.ok(keys[0].startsWith(`${id}:`));
  writeFileSync(file, `${keys[0]}\n`); // the old one is not needed any more
  await chatelaine('secret', 'new-master-key', '--data', data);
  assert.deepEqual(await chatelaine('secret', 'reseal', '--data', data), { resealed: 1, unopened: 0 });
  writeFileSync(file, keys[1]); // a key that seals nothing of what is there
  const { status, stderr } = await run(['secret', 'reseal', '--data', data]);
  assert.equal(status, 1);
  assert.match(stderr, /1 secrets do not open/);
});

test('keys are issued, listed and revoked', async (t) => {
  const { at, applied } = await installation(t);
  const secret = await chatelaine('key', 'issue', '--secret', ...at);
  const list = await chatelaine('environment', 'keys', ...at);
  assert.deepEqual(list.map(({ kind }) => kind).sort(), ['publishable', 'secret']);
  assert.equal(list.find(({ kind }) => kind === 'publishable').key, applied.publishableKey);
  assert.equal('key' in list.find(({ kind }) => kind === 'secret'), false);
  await chatelaine('key', 'revoke', secret.id, ...at);
  await refused(['key', 'revoke', secret.id, ...at], /still good/);
  await refused(['key', 'revoke', 'key_none', ...at], /no key/);
});

test('tools and knowledge are put, shown and removed', async (t) => {
  const { at, write } = await installation(t);
  const put = await chatelaine('tool', 'put', ...at, '-f', write('tools.json', [tool('one'), tool('two')]));
  assert.deepEqual(put.map(({ name, version, changed }) => [name, version, changed]), [['one', 1, true], ['two', 1, true]]);
  assert.equal((await chatelaine('tool', 'put', ...at, '-f', write('one.json', tool('one')))).changed, false);
  assert.equal((await chatelaine('tool', 'put', ...at, '-f', write('one.json', tool('one', { title: 'First' })))).version, 2);
  assert.deepEqual(await chatelaine('tool', 'show', 'one', ...at), tool('one', { title: 'First' }));
  await refused(['tool', 'put', ...at, '-f', write('bad.json', [tool('three'), tool('four', { bind: { account: 'accountId' } })])], /^chatelaine tool put: \/1\/bind/);
  await refused(['tool', 'put', ...at, '-f', write('bad.json', tool('five', { colour: 'red' }))], /\/colour/);
  await chatelaine('tool', 'remove', 'one', ...at);
  await refused(['tool', 'remove', 'one', ...at], /no tool 'one'/);
  await refused(['tool', 'show', 'one', ...at], /no 'one'/);

  const snippet = { id: 'fees', title: 'Fees', triggers: ['fees'], text: 'None.' };
  assert.equal((await chatelaine('knowledge', 'put', ...at, '-f', write('fees.json', snippet))).version, 1);
  assert.deepEqual((await chatelaine('knowledge', 'list', ...at)).map(({ name }) => name), ['fees', 'hours']);
  await refused(['knowledge', 'put', ...at, '-f', write('bad.json', { ...snippet, triggers: [] })], /\/triggers/);
  await chatelaine('knowledge', 'remove', 'fees', ...at);
});

test("no stored text can write to the administrator's terminal", async (t) => {
  const { at, write } = await installation(t);
  const title = 'a\u001b[2Jb\u009b31mc\nd';
  const { status, stderr } = await run(['knowledge', 'put', ...at, '-f', write('evil.json', { id: 'evil', title, triggers: ['x'], text: 'y' })]);
  assert.equal(status, 0, stderr);
  const { stdout } = await run(['knowledge', 'list', ...at]);
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  assert.match(stdout, /a\?\[2Jb/);
});

test('the audit log is filtered and followed', async (t) => {
  const { data, at } = await installation(t);
  const follower = spawn(binary, ['audit', 'list', '--follow', '--json', ...at], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => follower.kill('SIGKILL'));
  let seen = '';
  follower.stdout.setEncoding('utf8').on('data', (text) => (seen += text));
  await new Promise((done) => setTimeout(done, 700));
  const key = await chatelaine('key', 'issue', '--secret', ...at);
  await chatelaine('key', 'revoke', key.id, ...at);
  const until = Date.now() + 10_000;
  while (seen.trim().split('\n').length < 2 && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
  const ended = new Promise((done) => follower.once('exit', done));
  follower.kill('SIGINT');
  assert.equal(await ended, 0);
  assert.deepEqual(seen.trim().split('\n').map((line) => JSON.parse(line).action), ['key.issue', 'key.revoke']);

  const actions = async (...more) => (await chatelaine('audit', 'list', ...at, ...more)).map(({ action }) => action);
  assert.deepEqual((await actions()).slice(0, 2), ['key.revoke', 'key.issue']);
  assert.deepEqual(await actions('--action', 'key.revoke'), ['key.revoke']);
  assert.equal((await actions('--limit', '1')).length, 1);
  assert.deepEqual(await actions('--subject', 'ada'), []);
  const [row] = await chatelaine('audit', 'list', ...at, '--action', 'key.revoke');
  assert.match(row.actor, /^cli:/);
  assert.equal(row.target, `key/${key.id}`);
  assert.deepEqual((await chatelaine('audit', 'list', '--data', data)).map(({ action }) => action), ['environment.create', 'product.create']);
});

test('many administrators at once do not get in each other’s way', async (t) => {
  const { data, at } = await installation(t);
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => run(['product', 'create', `p-${i}`, '--data', data])));
  for (const { status, stderr } of results) assert.equal(status, 0, stderr);
  assert.equal((await chatelaine('product', 'list', '--data', data)).length, 13);
  assert.equal((await chatelaine('audit', 'list', '--data', data, '--action', 'product.create')).length, 13);
  assert.ok(at);
});

test('wrong usage is told from refusal', async (t) => {
  const { data } = await installation(t);
  for (const args of [['product', 'create'], ['environment', 'show', '--data', data], ['secret', 'generat'], ['audit', 'list', '--limit', '0', '--data', data],
    ['environment', 'apply', '--data', data, '--product', 'a', '--environment', 'b'], ['tool', 'put', '-x', 'y']]) {
    const { status, stderr } = await run(args);
    assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
  }
  for (const words of [['init'], ['product', 'create'], ['environment', 'apply'], ['secret', 'rotate'], ['tool', 'put'], ['knowledge', 'put'], ['audit', 'list'], ['key', 'issue']]) {
    const { status, stdout } = await run([...words, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /--data DIR/);
  }
});

test('a running server follows within a second', async (t) => {
  const server = await startServer(t, { document: environmentDocument() });
  const config = () => server.fetch('/sdk/config', { key: server.acme.publishableKey, headers: { Origin: 'https://acme.example' } });
  assert.equal((await config()).status, 200);
  const at = ['--product', 'acme', '--environment', 'test'];
  const [key] = await server.chatelaine('key', 'list', ...at);
  await server.chatelaine('key', 'revoke', key.id, ...at);
  const revokedAt = Date.now();
  let refused = 0; // in a row: each front thread follows by itself, and any of them may answer
  while (refused < 10 && Date.now() - revokedAt < 5000) {
    refused = (await config()).ok ? 0 : refused + 1;
    await new Promise((done) => setTimeout(done, 20));
  }
  t.diagnostic(`after ${Date.now() - revokedAt} ms`);
  assert.equal(refused, 10);
});

test('what cannot be undone is asked for on a terminal, by name', async (t) => {
  const { data } = await installation(t);
  await chatelaine('product', 'create', 'gone', '--data', data);
  // script(1) gives the program a terminal.
  const onTerminal = (answer, ...args) => new Promise((done) => {
    const child = spawn('script', ['-qec', [binary, ...args, '--data', data].join(' '), '/dev/null'], { env: { ...process.env, ...storeOf(['--data', data]) }, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      if (piece.includes('to go on: ')) child.stdin.write(`${answer}\n`);
    });
    child.once('close', (status) => done({ status, text }));
  });
  const refusedThere = await onTerminal('acme', 'product', 'delete', 'gone');
  assert.match(refusedThere.text, /The product gone is deleted[\s\S]*Type gone to go on[\s\S]*Nothing was done/);
  assert.equal(refusedThere.status, 1);
  assert.equal((await chatelaine('product', 'list', '--data', data)).length, 2);
  assert.equal((await onTerminal('gone', 'product', 'delete', 'gone')).status, 0);
  assert.equal((await chatelaine('product', 'list', '--data', data)).length, 1);
});
