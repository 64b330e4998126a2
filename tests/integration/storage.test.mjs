// SPDX-License-Identifier: Apache-2.0
// Everything in PostgreSQL: what visitors and operators see when the database is killed, hangs or is refused, and two
// servers on one database. The other tests of the story run on it too, by `make test ONLY=integration_postgres`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { administrator } from './lib/openapi.mjs';
import { Postgres, useStore } from './lib/postgres.mjs';
import { binary, chatelaine, run, Server, startServer, temporaryDirectory } from './lib/server.mjs';
import { ada, bob, now, signWithSecret } from './lib/tokens.mjs';

let one = null;
const postgres = () => (one ??= new Postgres());
const password = 'a pass/word';
const written = /a pass\/word|a%20pass%2Fword/; // as people write it, as URLs do
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, isSo, ms = 15_000) {
  const late = Date.now() + ms;
  for (let last; ; await sleep(50)) {
    last = await isSo();
    if (last) return last;
    if (Date.now() > late) throw new Error(`not within ${ms} ms: ${what}`);
  }
}

const ready = async (server) => {
  const response = await server.fetch('/readyz');
  return { ...(await response.json()), status: response.status };
};

async function startSignedIn(t, args = []) {
  let secret;
  const server = await startServer(t, {
    document: environmentDocument(), store: postgres().fresh(), args: ['--allow-private-egress', '--store-timeout', '1', ...args],
    prepare: async (server) => { secret = await server.newSecret('acme'); },
  });
  const token = await signWithSecret(secret, ada());
  const authorize = () => server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } });

  for (let i = 0; i < 10; i++) assert.equal((await authorize()).status, 200); // every front thread has seen it
  return { server, authorize };
}

test('the database is killed: known tokens pass, the chat says so, /readyz says why, and all is well when it is back', async (t) => {
  const { server, authorize } = await startSignedIn(t);
  const client = await connect(t, server);
  await client.ask('What are your business hours?');
  postgres().do('kill');
  try {
    const why = await until('not ready', async () => { const now = await ready(server); return now.status === 503 && now; });
    assert.equal(why.detail, 'The database cannot be reached.');
    assert.equal((await authorize()).status, 200);
    client.send('message.send', { id: '4b1d2c4e-0000-4000-8000-000000000001', text: 'Is anybody there?' });
    const { frame } = await client.until('error');
    assert.equal(frame.code, 'unavailable');
    assert.equal((await authorize()).status, 200);
  } finally {
    await until('started anew', () => { try { postgres().do('again'); return true; } catch { return false; } });
  }
  await until('ready', async () => (await ready(server)).status === 200);
  await client.ask('And now?');
  assert.doesNotMatch(server.stderr, written);
});

test('the database hangs: nobody waits for it longer than the time-out', async (t) => {
  const { server, authorize } = await startSignedIn(t);
  const client = await connect(t, server);
  await client.ask('What are your business hours?');
  postgres().do('pause');
  try {
    const begun = Date.now();
    client.send('message.send', { id: '4b1d2c4e-0000-4000-8000-000000000002', text: 'Is anybody there?' });
    assert.equal((await ready(server)).status, 503);
    assert.equal((await authorize()).status, 200);
    await client.until('error');
    assert.ok(Date.now() - begun < 9000, `${Date.now() - begun} ms`);
  } finally {
    postgres().do('continue');
  }
  await until('ready', async () => (await ready(server)).status === 200);
  await client.ask('And now?');
});

test('two servers on one database: what is changed through one is true for the other within a second', async (t) => {
  const { server } = await startSignedIn(t);
  const other = new Server(temporaryDirectory(t), server.program);
  other.data = server.data;
  t.after(() => other.stop());
  other.acme = server.acme;
  await other.start(['--allow-private-egress']);
  const origins = async (which, origin) => (await which.fetch('/sdk/config', { key: server.acme.publishableKey, headers: { Origin: origin } })).status;
  const [before, after] = ['https://acme.example', 'https://new.example'];
  assert.equal(await origins(other, before), 200);
  assert.equal(await origins(other, after), 403);
  const document = environmentDocument();
  document.config.origins = [after];
  await server.apply(document);
  const begun = Date.now();
  await until('the other has heard', async () => (await origins(other, after)) === 200 && (await origins(server, after)) === 200, 5000);
  t.diagnostic(`after ${Date.now() - begun} ms`);

  // A conversation begun on one goes on on the other.
  const here = await connect(t, server, { origin: after });
  await here.ask('What are your business hours?');
  const there = await connect(t, other, { origin: after });
  const resumed = await there.resume(here.conversation, 0, here.resumeKey);
  assert.equal(resumed.messages.length, 2);
});

test('the password: by a file, by libpq’s own, never shown', async (t) => {
  const directory = temporaryDirectory(t);
  const data = join(directory, 'data');
  const url = postgres().fresh();
  const bare = url.replace('chatelaine:a%20pass%2Fword@', 'chatelaine@');
  const file = join(directory, 'url');
  writeFileSync(file, `${url}\n`);
  await chatelaine('init', '--data', data, '--store-file', file);
  await chatelaine('product', 'create', 'acme', '--data', data, '--store-file', file);

  const passfile = join(directory, 'passfile');
  writeFileSync(passfile, `*:*:*:chatelaine:${password}\n`);
  chmodSync(passfile, 0o600);
  const listed = await run(['product', 'list', '--data', data, '--store', bare], { env: { PGPASSFILE: passfile } });
  assert.match(listed.stdout, /acme/);

  for (const [why, args, env] of [
    [/password/, ['--store', bare], { PGPASSFILE: '/dev/null' }],
    [/password authentication failed/, ['--store', url.replace('pass%2F', 'wrong%2F')], {}],
    [/not one of PostgreSQL/, ['--store', url.replace('pass%2F', 'pass%zz')], {}],
    [/not one of PostgreSQL/, ['--store', 'postgres://chatelaine:a%20p@pass%2Fword@127.0.0.1:1/x'], {}], // an @ that was not encoded: libpq takes the rest for the host
    [/not one of PostgreSQL/, ['--store', 'postgres://chatelaine:pass%2Fword/x@127.0.0.1:1/x'], {}], // a slash: what is before it for the port
    [/not one of PostgreSQL/, ['--store', 'postgres://chatelaine@127.0.0.1:1,127.0.0.2:pass%2Fword/x'], {}],
    [/by --store or by --store-file/, ['--store', url, '--store-file', file], {}],
  ]) {
    for (const command of [['product', 'list'], ['serve', '--listen', '127.0.0.1:0']]) {
      if (command[0] === 'serve' && why.source.startsWith('by')) continue;
      const { status, stdout, stderr } = await run([...command, '--data', data, ...args], { env });
      assert.notEqual(status, 0);
      assert.match(stderr, why);
      assert.doesNotMatch(stdout + stderr, /pass\/word|pass%2Fword|wrong|pass%zz/);
    }
  }
});

test('a database without our tables is not filled unasked; a second data directory without the master key is refused', async (t) => {
  const directory = temporaryDirectory(t);
  const [data, second] = [join(directory, 'data'), join(directory, 'second')];
  const url = postgres().fresh();
  const store = ['--store', url];
  const unmade = await run(['serve', '--data', data, '--listen', '127.0.0.1:0', ...store], { env: { CHATELAINE_MASTER_KEY: '' } });
  assert.notEqual(unmade.status, 0);
  useStore(data, url);
  assert.deepEqual(await chatelaine('init', '--data', data), { created: true, data });
  assert.deepEqual(await chatelaine('init', '--data', data), { created: false, data });
  const { status, stderr } = await run(['init', '--data', second]);
  assert.equal(status, 1);
  assert.match(stderr, /master key is missing/);
});

const documentation = fileURLToPath(new URL('../../docs/storage.md', import.meta.url));

/** The commands that the documentation gives under a heading. */
const commandsUnder = (heading) => /```sh\n([^]*?)```/.exec(readFileSync(documentation, 'utf8').split(`## ${heading}\n`)[1])[1];

test('moving from SQLite to PostgreSQL by the commands in the documentation takes everything along', async (t) => {
  let secret;
  const server = await startServer(t, { document: environmentDocument(), prepare: async (one) => { secret = await one.newSecret('acme'); } });
  const api = await administrator(server);
  const backend = await server.newSecretKey();
  const [old, his] = [await signWithSecret(secret, ada({ iat: now() - 60 })), await signWithSecret(secret, bob())];
  const client = await connect(t, server);
  await client.identify(old);
  const texts = ['What are your business hours?', '\\N', 'a line\n\\.\nand "another", \'quoted\'\r\n\t\\', 'é 日本 \u{1f600} \u2028 \\u0041', 'null'];
  for (const text of texts) await client.ask(text);
  const { body: products } = await api.get('/products');
  const { body: environments } = await api.get(`/products/${products.items[0].id}/environments`);
  const at = `/environments/${environments.items[0].id}`;
  const visitor = await until('noted', async () => (await api.get(`${at}/visitors`, { query: { search: 'customer-ada' } })).body.items[0]);
  await api.post(`${at}/visitors/${visitor.id}/revoke`);
  const { body: before } = await api.get(`${at}/conversations/${client.conversation}/messages`);
  await server.stop();

  const database = join(server.data, 'chatelaine.db');
  const sqlite = (statement) => execFileSync('sqlite3', [database, statement], { encoding: 'utf8' }).trim();
  const store = postgres().fresh();
  const fresh = join(server.directory, 'new');
  execFileSync('bash', ['-euo', 'pipefail', '-c', `systemctl() { :; }
    chatelaine() { [ "$1" = serve ] || "$CHATELAINE" "$@"; }
    ${commandsUnder('Moving from SQLite to PostgreSQL').replaceAll('/var/lib/chatelaine-new', fresh).replaceAll('/var/lib/chatelaine', server.data)}`],
  { cwd: server.data, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CHATELAINE: binary, CHATELAINE_STORE: store } });

  const tables = sqlite("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'writers')").split('\n');
  const schema = /search_path%3D(\w+)/.exec(store)[1];
  const counts = (ask) => Object.fromEntries(tables.map((table) => [table, Number(ask(table))]));
  assert.ok(tables.includes('revocations') && tables.includes('administrators'), tables.join());
  assert.deepEqual(counts((table) => postgres().do('sql', `SELECT count(*) FROM ${schema}.${table}`)), counts((table) => sqlite(`SELECT count(*) FROM ${table}`)));

  useStore(server.data, store);
  await server.start();
  const verify = async (token) => (await (await server.fetch('/v1/verify', {
    method: 'POST', headers: { Authorization: `Bearer ${backend}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) })).json());
  assert.equal((await verify(his)).verified, true);
  assert.equal((await verify(old)).detail, 'revoked', 'who was signed out stays so');
  const { body: after } = await api.get(`${at}/conversations/${client.conversation}/messages`);
  assert.deepEqual(after, before);
  assert.ok(texts.every((text) => JSON.stringify(after).includes(JSON.stringify(text))));
  await (await connect(t, server)).ask('And here?');
});
