// SPDX-License-Identifier: Apache-2.0
// What somebody inside might try: more rights by a link that they hold, what is there beyond the own product, a second factor gone
// round, things made twice.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { totp } from './lib/totp.mjs';
import { invited, password, setUp, visitorOf } from './lib/openapi.mjs';
import { run, startServer } from './lib/server.mjs';

const problem = ({ body }) => body.type.replace('urn:chatelaine:problem:', '');
const clientOf = (api, answer) => api.as({ cookie: answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; '), csrf: answer.body.csrfToken });
const owner = [{ product: null, role: 'owner' }];

test('who made an invitation does not get by it what somebody else adds to it later', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const one = (await ada.post('/products', { name: 'one' })).body.id;
  const admin = await invited(ada, { email: 'admin@acme.example', name: 'Admin', roles: [{ product: one, role: 'admin' }] });
  const nobody = await visitorOf(server);
  const invite = async (email) => (await admin.post('/admins', { email, name: 'X', roles: [{ product: one, role: 'viewer' }] })).body;
  const accept = (token, status) => nobody.post('/invitation/accept', { token, password }, { status });
  const raised = await invite('raised@acme.example');
  await ada.patch(`/admins/${raised.administrator.id}`, { roles: owner }, { ifMatch: '*' });
  assert.equal(problem(await accept(raised.invitation.token, 410)), 'invitation-gone');
  assert.equal(problem(await admin.post(`/admins/${raised.administrator.id}/invitation`, undefined, { status: 404 })), 'not-found');
  const { body: fresh } = await ada.post(`/admins/${raised.administrator.id}/invitation`);
  assert.equal((await accept(fresh.invitation.token, 200)).body.administrator.roles[0].role, 'owner');
  // What they might have given themselves, or less, leaves the link as it is.
  const lowered = await invite('lowered@acme.example');
  await admin.patch(`/admins/${lowered.administrator.id}`, { roles: [{ product: one, role: 'developer' }] }, { ifMatch: '*' });
  await accept((await admin.post(`/admins/${lowered.administrator.id}/invitation`)).body.invitation.token, 200);
  const same = await invite('same@acme.example');
  await ada.patch(`/admins/${same.administrator.id}`, { name: 'Same', roles: [{ product: one, role: 'viewer' }] }, { ifMatch: '*' });
  await accept(same.invitation.token, 200);
});

test('a link to a new password is no second factor', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const grace = await invited(ada, { email: 'grace@acme.example', roles: [{ product: null, role: 'viewer' }] });
  const { id } = (await grace.get('/account')).body;
  const { body: { secret } } = await grace.post('/account/totp');
  await grace.post('/account/totp/confirm', { code: totp(secret) });
  const { body: { invitation } } = await ada.post(`/admins/${id}/invitation`);
  const answer = await nobody.post('/invitation/accept', { token: invitation.token, password: 'the second phrase' });
  assert.deepEqual([answer.body.isSignedIn, answer.body.administrator, answer.headers.getSetCookie()], [false, null, []]);
  await clientOf(nobody, answer).delete('/account/totp', { status: 401 });
  assert.equal(problem(await nobody.post('/session', { email: 'grace@acme.example', password: 'the second phrase' }, { status: 401 })), 'second-factor-required');
  // With the link that takes the second factor, she is in.
  const { body: rescue } = await ada.post(`/admins/${id}/invitation`, { removeSecondFactor: true });
  const back = await nobody.post('/invitation/accept', { token: rescue.invitation.token, password: 'the third phrase of hers' });
  assert.deepEqual([back.body.isSignedIn, back.body.administrator.hasTotp], [true, false]);
});

test('roles over products that one does not see are not shown, and stay as they are', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const [one, two] = await Promise.all(['one', 'hidden-two'].map(async (name) => (await ada.post('/products', { name })).body.id));
  const admin = await invited(ada, { email: 'admin@acme.example', name: 'Admin', roles: [{ product: one, role: 'admin' }] });
  const developer = await invited(ada, { email: 'dev@acme.example', name: 'Dev', roles: [{ product: one, role: 'developer' }, { product: two, role: 'viewer' }] });
  const { id } = (await developer.get('/account')).body;
  const seen = async (client) => (await client.get(`/admins/${id}`)).body.roles.map(({ product, role }) => [product, role]);
  const texts = [(await admin.get('/admins')).text, (await admin.get(`/admins/${id}`)).text,
    (await admin.patch(`/admins/${id}`, { name: 'Dev', roles: [{ product: one, role: 'admin' }] }, { ifMatch: '*' })).text];
  for (const text of texts) assert.ok(!text.includes(two) && !text.includes('hidden-two'), text);
  assert.deepEqual(await seen(admin), [[one, 'admin']]);
  assert.deepEqual((await seen(ada)).toSorted(), [[one, 'admin'], [two, 'viewer']].toSorted());
  await admin.patch(`/admins/${id}`, { roles: [] }, { ifMatch: '*' });
  assert.deepEqual(await seen(ada), [[two, 'viewer']]);
  // Nor does a token for one product tell of others.
  await ada.patch(`/admins/${id}`, { roles: [{ product: one, role: 'viewer' }, { product: two, role: 'viewer' }] }, { ifMatch: '*' });
  const { body: { token } } = await developer.post('/account/api-tokens', { name: 'x', scopes: ['read'], product: one });
  for (const path of ['/account', '/session', '/products', '/search?q=h']) {
    const { status, text } = await developer.as({ token }).get(path.split('?')[0], { query: Object.fromEntries(new URLSearchParams(path.split('?')[1])) });
    assert.ok(status === 200 && !text.includes('hidden-two'), `${path}: ${text}`);
  }
  assert.equal((await developer.get('/account')).body.roles.length, 2, 'to themselves all is shown');
});

test('what is sent again after the connection broke is not made twice', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const product = (await ada.post('/products', { name: 'one' })).body.id;
  const environment = (await ada.post(`/products/${product}/environments`, { name: 'live' })).body.id;
  const path = `/environments/${environment}/keys`;
  const before = (await ada.all(path)).length;
  const body = JSON.stringify({ kind: 'secret' });
  const breakOff = (key, ms) => new Promise((done) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`POST /admin/v1${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nCookie: ${ada.cookie}\r\nChatelaine-CSRF: ${ada.csrf}\r\nIdempotency-Key: ${key}\r\n`
        + `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () => setTimeout(() => socket.resetAndDestroy(), ms));
    });
    socket.on('error', () => {});
    socket.on('close', done);
  });
  const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`);
  await Promise.all(keys.map((key, i) => breakOff(key, i % 12)));
  for (const key of keys) {
    for (let tries = 0; ; tries++) {
      const answer = await ada.call('POST', path, { kind: 'secret' }, { key, unchecked: true }).catch((error) => error);
      if (answer.status === 201) break;
      assert.ok(tries < 20 && /answered 409/.test(answer.message), answer.message);
      await new Promise((later) => setTimeout(later, 100));
    }
  }
  assert.equal((await ada.all(path)).length - before, keys.length);
});

test('a sign-in by the old password that was under way when a new one was set does not outlive it', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const email = 'grace@acme.example';
  const grace = await invited(ada, { email, roles: [{ product: null, role: 'viewer' }] });
  const { id } = (await grace.get('/account')).body;
  const { body: { invitation } } = await ada.post(`/admins/${id}/invitation`);
  // One thread hashes, one password after the other: the new one first.
  const renewed = nobody.post('/invitation/accept', { token: invitation.token, password: 'the second phrase' });
  await new Promise((done) => setTimeout(done, 30));
  const late = await nobody.call('POST', '/session', { email, password }, { unchecked: true }).catch((error) => error);
  await renewed;
  if (late.status === 200) await clientOf(nobody, late).get('/account', { status: 401 });
  else assert.match(late.message, /answered 401.*credentials-wrong/);
  await nobody.post('/session', { email, password: 'the second phrase' });
});

test("no server elsewhere can write to the operator's terminal", async (t) => {
  const evil = 'a\u001b]0;owned\u0007b\u009b31mc\u007fd';
  const answers = {
    'GET /products': [403, { type: 'urn:chatelaine:problem:x', title: evil, status: 403, detail: evil }],
    'POST /products': [201, { id: evil, name: evil }],
    'GET /admins': [200, { items: [{ id: 'adm_1', email: 'ada@acme.example', name: evil, roles: [], version: 1 }], next: null }],
    'PATCH /admins/adm_1': [200, { id: 'adm_1', email: evil, name: evil, roles: [{ product: evil, productName: evil, role: evil }], version: 2 }],
    'POST /admins/adm_1/invitation': [201, { invitation: { token: evil, expiresAt: evil } }],
    'GET /environments/env_1': [200, { id: 'env_1', name: 'x', publishableKey: evil }],
    'GET /environments/env_1/config': [200, { signInUrl: evil }],
  };
  const server = createServer((request, response) => {
    const [status, body] = answers[`${request.method} ${new URL(request.url, 'http://x').pathname.replace('/admin/v1', '')}`] ?? [500, { detail: `${evil} ${request.url}` }];
    request.resume().on('end', () => response.writeHead(status, { 'Content-Type': 'application/json', ETag: '"1"' }).end(JSON.stringify(body)));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const place = ['--server', `http://127.0.0.1:${server.address().port}`];
  for (const [args, shown] of [[['product', 'list'], 'stderr'], [['product', 'create', 'x'], 'stdout'], [['admin', 'list'], 'stdout'], [['admin', 'role', 'ada@acme.example', '--role', 'viewer'], 'stdout'],
    [['admin', 'reset-password', 'ada@acme.example'], 'stdout'], [['environment', 'show', '--environment', 'env_1'], 'stdout']]) {
    const result = await run([...args, ...place], { env: { CHATELAINE_TOKEN: `ca_${'A'.repeat(43)}` } });
    assert.ok(/[ab]/.test(result[shown]), `${args.join(' ')}: ${JSON.stringify(result)}`);
    assert.doesNotMatch(result.stdout + result.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, args.join(' '));
  }
});

test('an attempt that is not looked at, because its address must wait, is held against no account', async (t) => {
  const server = await startServer(t, { args: ['--trusted-proxies', '127.0.0.1', '--rate-limit-failures', '0'] });
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const attempt = (email, given, address, Cookie) => nobody.call('POST', '/session', { email, password: given }, { unchecked: true, headers: { 'X-Forwarded-For': address, ...(Cookie && { Cookie }) } })
    .then((one) => one.status, (error) => Number(/answered (\d+)/.exec(error.message)?.[1]));
  const crowded = '198.51.100.7';
  for (let i = 0; i < 40 && (await attempt(`x${i}@acme.example`, 'wrong horse battery', crowded)) === 401; i++);
  const email = 'ada@acme.example';
  const known = ada.cookie.split('; ').find((one) => one.startsWith('chatelaine-device='));
  for (let i = 0; i < 8; i++) assert.equal(await attempt(email, password, crowded, known), 429);
  assert.equal(await attempt(email, password, '198.51.100.8', known), 200, 'elsewhere, her browser is let in');
  for (let i = 0; i < 8; i++) assert.equal(await attempt(email, password, crowded), 429);
  assert.equal(await attempt(email, password, '198.51.100.8'), 200, 'and so is another browser of hers');
});

test('what a reader has kept is good only while all of it is as it was', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const { body: { administrator: { id } } } = await ada.post('/admins', { email: 'grace@acme.example', name: 'Grace', roles: [{ product: null, role: 'viewer' }] });
  const first = await ada.get(`/admins/${id}`);
  await new Promise((done) => setTimeout(done, 5));
  await ada.post(`/admins/${id}/invitation`);
  const { body } = await ada.get(`/admins/${id}`, { ifNoneMatch: first.etag, status: 200 });
  assert.ok(body.invitationExpiresAt > first.body.invitationExpiresAt);
});
