// SPDX-License-Identifier: Apache-2.0
// What administrators see of visitors and do with them: lists, search, export, erasure, the audit log as a list, a tail, a file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatOnce, connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { administrator, invited } from './lib/openapi.mjs';
import { run, startServer } from './lib/server.mjs';
import { ada, bob, now, signWithSecret } from './lib/tokens.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Until `look()` gives something that `fits`: what is written at leisure is there within some seconds. */
async function until(look, fits, what) {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(value).slice(0, 500)}`);
    await pause(200);
  }
}

async function start(t) {
  let secret;
  const server = await startServer(t, { document: environmentDocument(), prepare: async (one) => (secret = await one.newSecret('acme')) });
  const api = await administrator(server);
  const { body: products } = await api.get('/products');
  const { body: environments } = await api.get(`/products/${products.items[0].id}/environments`);
  const at = `/environments/${environments.items[0].id}`;
  return { server, api, at, token: (claims) => signWithSecret(secret, claims) };
}

const found = async (api, at, search) => (await api.get(`${at}/visitors`, { query: { search } })).body.items;

test('visitors are listed, found by subject, address and name, and told with their sessions and conversations', async (t) => {
  const { server, api, at, token } = await start(t);
  assert.deepEqual((await api.get(`${at}/visitors`)).body, { items: [], next: null });
  const client = await connect(t, server, { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' } });
  await client.identify(await token(ada()));
  await client.ask('What are your business hours?');
  const other = await connect(t, server);
  await other.ask('Straße und Öffnungszeiten?');

  const [visitor] = await until(() => found(api, at, 'lovel'), (items) => items.length === 1, 'found by the name');
  assert.deepEqual([visitor.kind, visitor.issuer, visitor.subject, visitor.name, visitor.email, visitor.revokedAt],
    ['verified', 'acme', 'customer-ada', 'Ada Lovelace', 'ada@acme.example', null]);
  for (const search of ['CUSTOMER-', 'ada@acme', 'Ada L']) assert.equal((await found(api, at, search))[0]?.id, visitor.id, search);
  for (const search of ['ovelace', 'acme', '%', '_', '"', '  ']) {
    assert.ok(search.trim() === '' || (await found(api, at, search)).length === 0, search);
  }
  const all = await api.all(`${at}/visitors`, { limit: 1 });
  assert.equal(all.length, 2);
  assert.deepEqual((await api.all(`${at}/visitors`, { kind: 'anonymous' })).map((one) => one.kind), ['anonymous']);
  await api.get(`${at}/visitors`, { query: { kind: 'nobody' }, status: 400 });
  await api.get(`${at}/visitors`, { query: { cursor: 'AAAA' }, status: 400 });

  const { body: detail } = await api.get(`${at}/visitors/${visitor.id}`);
  assert.deepEqual(detail.counts, { conversations: 1, sessions: 1, openSessions: 1 });
  const { body: sessions } = await api.get(`${at}/visitors/${visitor.id}/sessions`);
  assert.deepEqual([sessions.items[0].client, sessions.items[0].state, sessions.items[0].id], ['Firefox on Linux', 'open', client.started.session]);
  assert.equal((await api.get(`${at}/sessions`, { query: { state: 'open' } })).body.items.length, 1);
  const { body: theirs } = await api.get(`${at}/visitors/${visitor.id}/conversations`);
  assert.deepEqual([theirs.items.length, theirs.items[0].title, theirs.items[0].messageCount, theirs.items[0].visitorName],
    [1, 'What are your business hours?', 2, 'Ada Lovelace']);

  const conversations = (query) => api.all(`${at}/conversations`, query);
  await until(() => conversations({ search: 'business' }), (items) => items.length === 1, 'found by the title');
  assert.equal((await conversations({ search: 'strasse UND offn' })).length, 1, 'without case and accents');
  assert.equal((await conversations({ search: 'hours', visitor: visitor.id })).length, 1);
  assert.equal((await conversations({ search: 'strasse', visitor: visitor.id })).length, 0);
  assert.equal((await conversations({})).length, 2);
  const messages = await api.all(`${at}/conversations/${theirs.items[0].id}/messages`, { limit: 1 });
  assert.deepEqual(messages.map((one) => [one.role, one.subject, one.state]), [['visitor', 'customer-ada', 'answered'], ['assistant', 'customer-ada', 'answered']]);

  await client.close();
  await until(async () => (await api.get(`${at}/visitors/${visitor.id}/sessions`)).body.items[0].state, (state) => state === 'ended', 'the session ends');
  await api.get(`${at}/visitors/vis_${'0'.repeat(32)}`, { status: 404 });
  await api.get(`/environments/env_${'0'.repeat(32)}/visitors`, { status: 404 });
});

test('all that is kept of a visitor is given away, and then erased; the log keeps what happened, not who', async (t) => {
  const { server, api, at, token } = await start(t);
  const client = await connect(t, server);
  await client.identify(await token(ada()));
  for (let i = 0; i < 3; i++) await client.ask(`What are your business hours? ${i}`);
  client.send('conversation.start');
  await client.until('conversation.left');
  await client.ask('Another conversation');
  const his = await connect(t, server);
  await his.identify(await token(bob()));
  await his.ask('What is his?');
  const [visitor] = await until(() => found(api, at, 'ada'), (items) => items.length === 1, 'found');
  await until(async () => (await api.get(`${at}/sessions`)).body.items.length, (count) => count === 2, 'noted');

  const { body: whole } = await api.get(`${at}/visitors/${visitor.id}/export`);
  assert.equal(whole.visitor.subject, 'customer-ada');
  assert.equal(whole.sessions.length, 1);
  assert.deepEqual(whole.conversations.map((one) => one.messages.length).sort(), [2, 6]);
  assert.deepEqual(whole.audit.map((row) => row.action), ['visitor.identify']);

  await invited(api, { email: 'grace@acme.example', roles: [{ product: null, role: 'developer' }] }).then(async (developer) => {
    await developer.delete(`${at}/visitors/${visitor.id}`, { status: 403 });
    await developer.get(`${at}/visitors/${visitor.id}/export`, { status: 403 });
    await developer.post(`${at}/visitors/${visitor.id}/revoke`, undefined, { status: 403 });
  });
  const { body: erased } = await api.delete(`${at}/visitors/${visitor.id}`);
  assert.deepEqual(erased, { visitor: visitor.id, conversations: 2, messages: 8, sessions: 1, auditRows: 1 });
  await api.get(`${at}/visitors/${visitor.id}`, { status: 404 });
  await api.delete(`${at}/visitors/${visitor.id}`, { status: 404 });
  assert.equal((await found(api, at, 'ada')).length, 0);
  assert.equal((await api.all(`${at}/conversations`)).length, 1, 'Bob’s is there');
  const rows = await api.all(`${at}/audit`);
  assert.doesNotMatch(JSON.stringify(rows), /customer-ada|Lovelace|ada@acme/);
  assert.ok(rows.some((row) => row.action === 'visitor.identify' && row.subject?.startsWith('erased_')));
  assert.ok(rows.some((row) => row.action === 'visitor.erase' && row.target === `visitor/${visitor.id}` && row.actor));
  assert.ok(rows.some((row) => row.action === 'visitor.export'));

  // Whoever was there is told, and whoever comes back is somebody new.
  assert.equal((await client.until('auth.expired')).frame.detail, 'revoked');
  await client.ask('Hello again');
  await pause(1100); // a token says when it was issued to the second
  const again = await connect(t, server);
  assert.equal((await again.identify(await token(ada()))).type, 'auth.upgraded');
  const [fresh] = await until(() => found(api, at, 'ada'), (items) => items.length === 1, 'somebody new');
  assert.notEqual(fresh.id, visitor.id);

  const [conversation] = await api.all(`${at}/conversations`, { visitor: (await found(api, at, 'bob'))[0].id });
  await api.delete(`${at}/conversations/${conversation.id}`, { status: 204 });
  await api.get(`${at}/conversations/${conversation.id}`, { status: 404 });
  await api.get(`${at}/conversations/${conversation.id}/messages`, { status: 404 });
});

test('an erasure that a power cut ended is finished at the next start', async (t) => {
  const { server, api, at, token } = await start(t);
  const client = await connect(t, server);
  await client.identify(await token(ada()));
  for (let i = 0; i < 40; i++) {
    client.send('conversation.start');
    await client.until('conversation.left');
    await client.ask(`Question ${i}`);
  }
  const [visitor] = await until(() => found(api, at, 'ada'), (items) => items.length === 1, 'found');
  const erasing = api.delete(`${at}/visitors/${visitor.id}`).catch(() => null);
  await until(async () => (await api.get(`${at}/conversations`, { query: { limit: 200 } })).body.items.length, (count) => count < 40, 'it has begun');
  await server.kill();
  await erasing;
  await server.start();
  await until(() => api.all(`${at}/conversations`), (items) => items.length === 0, 'all is gone');
  await until(() => found(api, at, 'ada'), (items) => items.length === 0, 'nobody is found');
});

test('the log is filtered by everything together, followed without a gap, and written to a file', async (t) => {
  const { server, api, at, token } = await start(t);
  const client = await connect(t, server);
  await client.identify(await token(ada()));
  await client.identify(await token(ada({ exp: 1 })));
  const filtered = async (query) => (await api.all(`${at}/audit`, query)).map((row) => `${row.action} ${row.outcome} ${row.detail ?? ''}`.trim());
  await until(() => filtered({ action: 'visitor.identify' }), (rows) => rows.length === 2, 'the refusal is written behind its answer');
  assert.deepEqual(await filtered({ action: 'visitor.identify' }), ['visitor.identify refused exp-passed', 'visitor.identify allowed']);
  assert.deepEqual(await filtered({ outcome: 'refused', action: 'visitor.identify', reason: 'expired' }), ['visitor.identify refused exp-passed']);
  assert.deepEqual(await filtered({ subject: 'customer-ada', outcome: 'allowed' }), ['visitor.identify allowed']);
  assert.deepEqual(await filtered({ reason: 'expired', tool: 'none' }), []);
  assert.deepEqual(await filtered({ action: 'visitor.identify', until: '2020-01-01T00:00:00Z' }), []);
  assert.equal((await filtered({ action: 'visitor.identify', from: new Date(Date.now() - 60_000).toISOString() })).length, 2);
  for (const query of [{ from: 'yesterday' }, { outcome: 'maybe' }, { order: 'sideways' }]) await api.get(`${at}/audit`, { query, status: 400 });

  // Followed while four sessions write: each row once, all of them.
  const { body: first } = await api.get(`${at}/audit`, { query: { order: 'oldest', limit: 200 } });
  const seen = first.items.map((row) => row.id);
  let cursor = first.next;
  assert.ok(cursor);
  let isOver = false;
  const writers = Promise.all([1, 2, 3, 4].map(async (number) => {
    const writer = await connect(t, server);
    for (let i = 0; i < 15; i++) await writer.identify(await token(ada({ sub: `writer-${number}`, jti: `${number}-${i}` })));
  })).then(() => (isOver = true));
  for (let rest = 3; rest > 0;) {
    const { body } = await api.get(`${at}/audit`, { query: { order: 'oldest', limit: 20, cursor } });
    seen.push(...body.items.map((row) => row.id));
    cursor = body.next;
    if (isOver && body.items.length === 0) rest--;
  }
  await writers;
  const all = (await api.all(`${at}/audit`)).map((row) => row.id);
  assert.equal(seen.length, new Set(seen).size, 'no row twice');
  assert.deepEqual(new Set(seen), new Set(all));

  // As files.
  const evil = await connect(t, server);
  await evil.identify(await token(ada({ sub: '=HYPERLINK("http://x","y"),\r\n"quoted"', jti: '@jti' })).catch(() => 'x'));
  await evil.identify(await token(ada({ sub: '=1+1,"quoted"', jti: '@jti' })));
  const { text: csv, headers } = await api.get(`${at}/audit/export`, { query: { format: 'csv' } });
  assert.match(headers.get('content-disposition'), /attachment; filename="audit\.csv"/);
  const lines = csv.split('\r\n');
  assert.equal(lines[0].split(',').length, 22);
  assert.ok(csv.includes('"\'=1+1,""quoted"""'), 'a formula is defused');
  assert.ok(csv.includes('"\'@jti"'));
  assert.doesNotMatch(csv, /(^|,)"?[=@]/m);
  const { text: jsonl } = await api.get(`${at}/audit/export`, { query: { format: 'jsonl', action: 'visitor.identify', order: 'oldest' } });
  const rows = jsonl.trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(rows.length >= 63);
  assert.deepEqual(rows.map((row) => row.id), rows.map((row) => row.id).sort());
  assert.ok(rows.every((row) => row.action === 'visitor.identify'));
  await api.get(`${at}/audit/export`, { query: { format: 'pdf' }, status: 400 });
  const installation = await api.all('/audit');
  assert.ok(installation.every((row) => row.environment === null));
  assert.ok(installation.some((row) => row.action === 'product.create'));
});

test('an anonymous visitor is erased while their chat is open: what they write next is somebody else’s', async (t) => {
  const { server, api, at } = await start(t);
  const client = await connect(t, server);
  await client.ask('What are your business hours?');
  const [visitor] = await api.all(`${at}/visitors`);
  const { body } = await api.delete(`${at}/visitors/${visitor.id}`);
  assert.deepEqual([body.conversations, body.messages], [1, 2]);
  assert.match((await client.ask('What are your business hours?')).text, /9:00/);
  const [next] = await api.all(`${at}/visitors`);
  assert.notEqual(next.id, visitor.id);
  assert.equal((await api.all(`${at}/conversations`, { visitor: next.id })).length, 1);
});

test('one message by POST /v1/chat notes its visitor, and no session', async (t) => {
  const { server, api, at, token } = await start(t);
  const answer = await chatOnce(server, { text: 'What are your business hours?', token: await token(ada()) });
  assert.equal(answer.status, 200);
  await until(() => found(api, at, 'lovelace'), (items) => items.length === 1, 'noted');
  assert.deepEqual((await api.get(`${at}/sessions`)).body.items, []);
});

test('a message after a refused token does not look like one of somebody who claimed nothing', async (t) => {
  const { server, api, at, token } = await start(t);
  const client = await connect(t, server);
  const forged = await signWithSecret('another secret, which nobody here knows of', ada());
  await client.ask('One?');
  assert.equal((await client.identify(forged)).reason, 'bad-signature');
  await client.ask('What are your business hours?'); // answered in the same commit
  await client.ask('Three?');
  assert.equal((await client.identify(await token(ada({ iat: now() - 900, exp: now() - 300 })))).reason, 'expired');
  await client.ask('Four?');
  await client.logout();
  await client.ask('Five?');
  await client.identify(await token(ada()));
  await client.ask('Six?');
  const conversations = await api.all(`${at}/conversations`);
  const messages = (await Promise.all(conversations.map(({ id }) => api.all(`${at}/conversations/${id}/messages`)))).flat();
  const refused = Object.fromEntries(messages.filter((one) => one.role === 'visitor').map((one) => [one.text, one.refused]));
  assert.deepEqual(refused, {
    'One?': null, 'What are your business hours?': 'bad-signature', 'Three?': 'bad-signature', 'Four?': 'expired', 'Five?': null, 'Six?': null,
  });
  assert.deepEqual(messages.filter((one) => one.role === 'assistant' && one.refused !== null), []);
  // It is for administrators: whoever comes back to the conversation reads nothing of it.
  const other = await connect(t, server);
  const { id } = conversations.find(({ title }) => title === 'Five?');
  await other.identify(await token(ada()));
  assert.doesNotMatch(JSON.stringify(await other.resume(id, 0)), /refused/);
  const first = conversations.find(({ title }) => title === 'One?');
  const shown = await run(['conversation', 'show', first.id, '--data', server.data, '--product', 'acme', '--environment', 'test']);
  assert.match(shown.stdout, /visitor \(token refused: expired\)\n {4}Four\?/);
  assert.match(shown.stdout, /visitor\n {4}One\?/);

  // Where sign-in is off, tokens are ignored: none was refused.
  const { body, etag } = await api.get(`${at}/sign-in`);
  await api.put(`${at}/sign-in`, { ...body, enforcement: 'off' }, { ifMatch: etag });
  const last = await connect(t, server);
  await last.identify(forged);
  await last.ask('Seven?');
  const [seven] = await api.all(`${at}/conversations/${last.conversation}/messages`);
  assert.deepEqual([seven.text, seven.refused], ['Seven?', null]);
});
