// SPDX-License-Identifier: Apache-2.0
// How administrators get in, and how others do not: first run, passwords, sessions, CSRF, guessing, one-time codes, invitations,
// roles, API tokens. Against the real binary.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invited, password, setUp, signIn, visitorOf } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';
import { totp } from './lib/totp.mjs';

const proxied = ['--allow-private-egress', '--trusted-proxies', '127.0.0.1'];
const from = (address, more = {}) => ({ headers: { 'X-Forwarded-For': address, ...more } });
const credentials = { email: 'ada@acme.example', password };
const problem = ({ body }) => body.type.replace('urn:chatelaine:problem:', '');
const cookies = (headers) => headers.getSetCookie();
const cookieOf = (headers, name) => cookies(headers).find((one) => one.startsWith(`${name}=`))?.split(';')[0];
const clientOf = (api, answer) => api.as({ cookie: cookies(answer.headers).map((one) => one.split(';')[0]).join('; '), csrf: answer.body.csrfToken });
const all = [{ product: null, role: 'owner' }];

test('first run: a link on standard output, used once, anew at each start', async (t) => {
  const server = await startServer(t);
  const link = () => /http:\/\/127\.0\.0\.1:\d+\/setup#(st_[\w-]{43})\n/g;
  const tokens = () => [...server.stdout.matchAll(link())].map((match) => match[1]);
  const printed = async (count) => { // a moment after the server has begun to listen
    for (const until = Date.now() + 15_000; tokens().length < count && Date.now() < until;) await new Promise((done) => setTimeout(done, 20));
    assert.equal(tokens().length, count);
  };
  await printed(1);
  assert.doesNotMatch(server.stderr, /st_[\w-]{43}/, 'not in the log');
  await server.stop();
  await server.start();
  await printed(2);
  const [old, token] = tokens();
  assert.notEqual(old, token);
  const nobody = await visitorOf(server);
  const { body: before } = await nobody.get('/session');
  assert.deepEqual([before.isSetUp, before.isSignedIn, before.csrfToken], [false, false, null]);
  const ada = { email: 'ada@acme.example', name: 'Ada', password };
  for (const setupToken of [old, 'st_', '', `${token}x`, token.replace('st_', 'in_')]) {
    assert.equal(problem(await nobody.post('/setup', { ...ada, setupToken }, { status: 403 })), 'setup-token-wrong');
  }
  for (const [member, value] of [['email', 'ada'], ['email', 'a@b@c'], ['name', ''], ['name', 'a\nb'], ['password', 'short'],
    ['password', 'passwordpassword'], ['password', 'Ada@acme.example1'], ['password', '123456789012'], ['password', 'x'.repeat(1025)]]) {
    const { body } = await nobody.post('/setup', { ...ada, setupToken: token, [member]: value }, { status: 422 });
    assert.equal(body.errors[0].pointer, `/${member}`, JSON.stringify(body));
  }
  const [first, second] = await Promise.all([0, 1].map((i) => nobody.call('POST', '/setup', { ...ada, email: `ada${i}@acme.example`, setupToken: token }, { unchecked: true, status: undefined }).catch((error) => error)));
  assert.equal([first, second].filter((one) => one.status === 201).length, 1, 'one of two at once');
  assert.equal(problem(await nobody.post('/setup', { ...ada, setupToken: token }, { status: 409 })), 'already-set-up');
  await server.stop();
  await server.start();
  assert.equal((await nobody.get('/session')).body.isSetUp, true);
  await server.stop();
  assert.equal(tokens().length, 2, 'nothing is printed any more');
  await server.start();
});

test('sessions: flags of the cookie, fixation, list, end, sign-out', async (t) => {
  const server = await startServer(t, { args: proxied });
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const chosen = 'A'.repeat(43);
  const answer = await nobody.post('/session', credentials, { headers: { Cookie: `chatelaine=${chosen}` } });
  const cookie = cookies(answer.headers).find((one) => one.startsWith('chatelaine='));
  assert.match(cookie, /^chatelaine=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/);
  assert.ok(!cookie.includes(chosen), 'a value that came from outside is never taken');
  const secure = await nobody.post('/session', credentials, { headers: { 'X-Forwarded-For': '203.0.113.1', 'X-Forwarded-Proto': 'https' } });
  assert.match(cookies(secure.headers)[0], /^__Host-chatelaine=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure$/);
  const httpsValue = cookieOf(secure.headers, '__Host-chatelaine').split('=')[1];
  for (const header of [`chatelaine=${httpsValue}`, `__Host-chatelaine=${httpsValue}; __Host-chatelaine=${httpsValue}`, `__Host-chatelaine=${httpsValue}x`]) {
    const { body } = await nobody.get('/session', { headers: { Cookie: header, 'X-Forwarded-For': '203.0.113.1', 'X-Forwarded-Proto': 'https' } });
    assert.equal(body.isSignedIn, false, header);
  }
  // Who signs in again in the same browser has one session, under another value.
  const second = clientOf(nobody, answer);
  const again = await second.post('/session', credentials);
  await second.get('/account', { status: 401 });
  const third = clientOf(nobody, { headers: again.headers, body: again.body });
  assert.equal((await third.get('/account')).body.email, 'ada@acme.example');
  const sessions = await third.all('/account/sessions');
  assert.equal(sessions.length, 3);
  assert.deepEqual(sessions.filter((one) => one.isCurrent).length, 1);
  const other = sessions.find((one) => !one.isCurrent);
  await third.delete(`/account/sessions/${other.id}`);
  await third.delete(`/account/sessions/${other.id}`, { status: 404 });
  assert.equal((await third.all('/account/sessions')).length, 2);
  const out = await third.delete('/session');
  assert.match(cookies(out.headers)[0], /^chatelaine=; Path=\/; Max-Age=0;/);
  await third.get('/account', { status: 401 });
  await ada.delete(`/account/sessions/ses_${'0'.repeat(32)}`, { status: 404 });
});

test('another site cannot act for who is signed in', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const grace = await invited(ada, { email: 'grace@acme.example', roles: all });
  const own = `http://127.0.0.1:${server.port}`;
  const act = (client, headers, csrf = client.csrf) => client.as({ cookie: client.cookie, csrf }).call('POST', '/products', { name: `p${Math.random()}`.replace('.', '') }, { headers, unchecked: true, status: undefined }).then((one) => one.status, (error) => Number(/answered (\d+)/.exec(error.message)?.[1]));
  assert.equal(await act(ada, {}), 201);
  assert.equal(await act(ada, { Origin: own }), 201);
  assert.equal(await act(ada, { Origin: own }, ''), 403, 'no token');
  assert.equal(await act(ada, { Origin: own }, grace.csrf), 403, "another session's token");
  for (const Origin of ['https://evil.example', 'null', `${own}.evil.example`, `http://127.0.0.1:${server.port + 1}`, 'http://user@127.0.0.1', '']) {
    assert.equal(await act(ada, { Origin }), Origin === '' ? 201 : 403, Origin);
  }
  const nobody = await visitorOf(server);
  await nobody.post('/session', credentials, { headers: { Origin: 'https://evil.example' }, status: 403 });
  await nobody.call('POST', '/session', JSON.stringify(credentials), { headers: { 'Content-Type': 'text/plain' }, unchecked: true, status: 415 });
  await ada.call('POST', '/products', undefined, { unchecked: true, status: 415 });
  // Reading needs no token, but gives another site nothing: no CORS header, whatever it asks.
  const response = await server.fetch('/admin/v1/session', { headers: { Cookie: ada.cookie, Origin: 'https://evil.example' } });
  assert.equal(response.headers.get('access-control-allow-origin'), null);
  assert.equal(response.headers.get('cross-origin-resource-policy'), 'same-origin');
  const preflight = await server.fetch('/admin/v1/products', { method: 'OPTIONS', headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' } });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
});

test('behind a proxy that does not say how it is called: --public-url', async (t) => {
  const server = await startServer(t, { args: ['--public-url', 'https://chat.acme.example'] });
  for (const until = Date.now() + 15_000; !server.stdout.includes('/setup#') && Date.now() < until;) await new Promise((done) => setTimeout(done, 20));
  assert.match(server.stdout, /\n {4}https:\/\/chat\.acme\.example\/setup#st_/);
  const nobody = await visitorOf(server);
  const wrong = { email: 'no address', password: 'x' };
  await nobody.post('/session', wrong, { headers: { Origin: 'https://chat.acme.example' }, status: 401 });
  for (const Origin of ['https://chat.acme.example.evil.example', 'http://chat.acme.example', 'https://evil.example']) await nobody.post('/session', wrong, { headers: { Origin }, status: 403 });
  assert.equal((await nobody.post('/session/passkey/options')).body.rpId, 'chat.acme.example');
});

test('guessing passwords: an account, an address, many addresses, many at once', async (t) => {
  const server = await startServer(t, { args: [...proxied, '--rate-limit-failures', '0'] });
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const guess = (email, address, given = 'wrong horse battery staple', cookie = undefined) => nobody.call('POST', '/session', { email, password: given }, {
    unchecked: true, status: undefined, headers: { 'X-Forwarded-For': address, ...(cookie && { Cookie: cookie }) },
  }).then((one) => one.status, (error) => Number(/answered (\d+)/.exec(error.message)?.[1]));
  // One account, from ever other addresses.
  for (let i = 0; i < 6; i++) assert.equal(await guess('ada@acme.example', `198.51.100.${i}`), 401, `guess ${i}`);
  const refused = await nobody.post('/session', credentials, { ...from('198.51.100.99'), status: 429 });
  assert.equal(problem(refused), 'too-many-attempts');
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  assert.equal(await guess('ADA@Acme.Example', '198.51.100.98'), 429, 'the same address in other letters');
  // The owner's own browser is known by its cookie: strangers do not lock her out.
  const device = ada.cookie.split('; ').find((one) => one.startsWith('chatelaine-device='));
  assert.equal(await guess('ada@acme.example', '198.51.100.97', password, device), 200);
  assert.equal(await guess('ada@acme.example', '198.51.100.97', password, 'chatelaine-device=' + 'A'.repeat(43)), 429, 'a made-up one is not');
  // An unknown address is held back just the same: nothing tells it from a known one.
  for (let i = 0; i < 6; i++) assert.equal(await guess('nobody@acme.example', `198.51.100.${100 + i}`, 'x'), 401);
  assert.equal(await guess('nobody@acme.example', '198.51.100.96'), 429);
  // Many at once are not one.
  const many = await Promise.all(Array.from({ length: 24 }, (_, i) => guess('many@acme.example', `203.0.113.${i}`)));
  const compared = many.filter((status) => status === 401).length;
  assert.ok(compared <= 6 && many.every((status) => status === 401 || status === 429), `${compared} of 24 at once were compared: ${many}`);
  // One address, ever other accounts: twenty, then it waits; a network of IPv6 is one address; others go on.
  let last = 0;
  for (let i = 0; i < 22 && last !== 429; i++) last = await guess(`a${i}@acme.example`, `2001:db8::${i}`);
  assert.equal(last, 429);
  assert.equal(await guess('b@acme.example', '2001:db8:0:0:ffff::1'), 429);
  assert.equal(await guess('b@acme.example', '2001:db8:0:1::1'), 401);
  const rows = await ada.all('/audit', { action: 'administrator.sign-in', outcome: 'refused' });
  assert.ok(rows.length >= 12 && rows.every((row) => row.reason === 'password-wrong'));
  assert.doesNotMatch(JSON.stringify(rows) + server.stderr, /wrong horse|nobody@acme/);
});

test('nothing tells a known address from an unknown one', async (t) => {
  const server = await startServer(t, { args: proxied });
  await setUp(server);
  const nobody = await visitorOf(server);
  const answers = { known: [], unknown: [] };
  const bodies = new Set();
  const once = async (kind, i) => {
    const started = performance.now();
    const { body } = await nobody.post('/session', { email: kind === 'known' ? 'ada@acme.example' : `u${i}@acme.example`, password: `wrong horse ${i} staple` }, { ...from(`198.51.100.${i}`), status: 401 });
    answers[kind].push(performance.now() - started);
    bodies.add(JSON.stringify(body));
  };
  const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const ratio = () => median(answers.known) / median(answers.unknown);
  const isAlike = () => ratio() > 0.6 && ratio() < 1.6;
  // Others are at work on the machine, too: a difference that is one stays, however often it is asked.
  for (let i = 0; i < 5 || (i < 40 && !isAlike()); i++) {
    await once('known', i);
    await once('unknown', i + 50);
  }
  assert.ok(isAlike(), `known ${answers.known.map(Math.round)} ms, unknown ${answers.unknown.map(Math.round)} ms`);
  assert.equal(bodies.size, 1);
});

test('one-time codes: set up, asked for, each used once; recovery codes', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const { body: { secret, uri } } = await ada.post('/account/totp');
  assert.equal(uri, `otpauth://totp/Chatelaine:ada%40acme.example?secret=${secret}&issuer=Chatelaine`);
  await ada.post('/account/totp/confirm', { code: '000000' === totp(secret) ? '111111' : '000000' }, { status: 422 });
  await nobody.post('/session', credentials); // not confirmed: not asked for
  const confirmed = await ada.post('/account/totp/confirm', { code: totp(secret, -30) });
  const codes = confirmed.body.recoveryCodes;
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[2-9a-hjkmnp-z]{5}-[2-9a-hjkmnp-z]{5}$/);
  await ada.get('/account', { status: 401 }); // the session goes on under another value
  const cookie = [cookieOf(confirmed.headers, 'chatelaine'), ada.cookie.split('; ')[1]].join('; ');
  const { body: session } = await nobody.get('/session', { headers: { Cookie: cookie } });
  const again = ada.as({ cookie, csrf: session.csrfToken });
  assert.deepEqual([session.administrator.hasTotp, session.administrator.recoveryCodesLeft], [true, 10]);
  const asked = await nobody.post('/session', credentials, { status: 401 });
  assert.deepEqual([problem(asked), asked.body.methods], ['second-factor-required', ['totp', 'recovery-code']]);
  assert.equal(problem(await nobody.post('/session', { ...credentials, password: 'wrong horse battery' }, { status: 401 })), 'credentials-wrong');
  assert.equal(problem(await nobody.post('/session', { ...credentials, totp: totp(secret, -30) }, { status: 401 })), 'credentials-wrong', 'used to confirm');
  const code = totp(secret, 0);
  const two = await Promise.all([0, 1].map(() => nobody.call('POST', '/session', { ...credentials, totp: code }, { unchecked: true, status: undefined }).then((one) => one.status, (error) => Number(/answered (\d+)/.exec(error.message)?.[1]))));
  assert.deepEqual(two.toSorted(), [200, 401], 'one code, one sign-in');
  await nobody.post('/session', { ...credentials, recoveryCode: codes[0].toUpperCase().replace('-', ' ') });
  await nobody.post('/session', { ...credentials, recoveryCode: codes[0] }, { status: 401 });
  const fresh = (await again.post('/account/recovery-codes')).body.recoveryCodes;
  await nobody.post('/session', { ...credentials, recoveryCode: codes[1] }, { status: 401 });
  await nobody.post('/session', { ...credentials, recoveryCode: fresh[1] });
  await again.delete('/account/totp');
  await again.delete('/account/totp', { status: 404 });
  assert.equal((await nobody.post('/session', credentials)).body.administrator.recoveryCodesLeft, 0);
});

test('a new password ends all other sessions; the old one is asked for', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const elsewhere = await signIn(server);
  await ada.post('/account/password', { current: 'not this one at all', new: 'a wholly other phrase' }, { status: 403 });
  await ada.post('/account/password', { current: password, new: 'passwordpassword' }, { status: 422 });
  const changed = await ada.post('/account/password', { current: password, new: 'a wholly other phrase' });
  await elsewhere.get('/account', { status: 401 });
  await ada.get('/account', { status: 401 });
  const here = clientOf(ada, changed);
  assert.equal((await here.all('/account/sessions')).length, 1);
  const nobody = await visitorOf(server);
  await nobody.post('/session', credentials, { status: 401 });
  await nobody.post('/session', { ...credentials, password: 'a wholly other phrase' });
  // Letters that are written in two ways are one password: NFC.
  await here.post('/account/password', { current: 'a wholly other phrase', new: 'zw\u00f6lf B\u00e4ume im Wald' });
  await nobody.post('/session', { ...credentials, password: 'zwo\u0308lf Ba\u0308ume im Wald' });
  const { etag } = await (await signIn(server, { given: 'zw\u00f6lf B\u00e4ume im Wald' })).get('/account');
  const last = await signIn(server, { given: 'zw\u00f6lf B\u00e4ume im Wald' });
  await last.patch('/account', { name: 'Ada L.', email: 'Ada.L@Acme.example' }, { ifMatch: etag });
  await last.patch('/account', { name: 'x' }, { ifMatch: etag, status: 412 });
  await nobody.post('/session', { email: 'ADA.L@acme.example', password: 'zw\u00f6lf B\u00e4ume im Wald' });
});

test('invitations: once, replaced by a newer one; links that set a new password', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const { body: made } = await ada.post('/admins', { email: 'grace@acme.example', name: 'Grace', roles: [{ product: null, role: 'viewer' }] });
  assert.deepEqual([made.administrator.state, made.administrator.hasPassword], ['invited', false]);
  await ada.post('/admins', { email: 'GRACE@acme.example', name: 'Grace', roles: all }, { status: 409 });
  await nobody.post('/session', { email: 'grace@acme.example', password }, { status: 401 });
  const { body: newer } = await ada.post(`/admins/${made.administrator.id}/invitation`);
  const accept = (token, more = {}) => ({ token, password, ...more });
  await nobody.post('/invitation/accept', accept(made.invitation.token), { status: 410 });
  await nobody.post('/invitation/accept', accept('in_'), { status: 410 });
  await nobody.post('/invitation/accept', accept(newer.invitation.token, { password: 'short' }), { status: 422 });
  const joined = await nobody.post('/invitation/accept', accept(newer.invitation.token, { name: 'Grace H.' }));
  assert.deepEqual([joined.body.administrator.name, joined.body.administrator.roles[0].role], ['Grace H.', 'viewer']);
  await nobody.post('/invitation/accept', accept(newer.invitation.token), { status: 410 });
  const grace = clientOf(ada, joined);
  const { body: { secret } } = await grace.post('/account/totp');
  await grace.post('/account/totp/confirm', { code: totp(secret) });
  // A link to a new password ends her sessions; only the one that says so takes the second factor.
  const { body: reset } = await ada.post(`/admins/${made.administrator.id}/invitation`);
  await nobody.post('/invitation/accept', accept(reset.invitation.token, { password: 'the second phrase' }));
  assert.equal(problem(await nobody.post('/session', { email: 'grace@acme.example', password: 'the second phrase' }, { status: 401 })), 'second-factor-required');
  const { body: rescue } = await ada.post(`/admins/${made.administrator.id}/invitation`, { removeSecondFactor: true });
  await nobody.post('/invitation/accept', accept(rescue.invitation.token, { password: 'the third phrase of hers' }));
  const back = await nobody.post('/session', { email: 'grace@acme.example', password: 'the third phrase of hers' });
  assert.equal(back.body.administrator.hasTotp, false);
});

test('roles: nobody gives or takes more than they manage', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const one = (await ada.post('/products', { name: 'one' })).body.id;
  const two = (await ada.post('/products', { name: 'two' })).body.id;
  const admin = await invited(ada, { email: 'admin@acme.example', name: 'Admin', roles: [{ product: one, role: 'admin' }] });
  const developer = await invited(ada, { email: 'dev@acme.example', name: 'Dev', roles: [{ product: one, role: 'developer' }, { product: two, role: 'viewer' }] });
  const outsider = await invited(ada, { email: 'out@acme.example', name: 'Out', roles: [{ product: two, role: 'admin' }] });
  const id = async (client) => (await client.get('/account')).body.id;
  const [adaId, adminId, developerId, outsiderId] = await Promise.all([ada, admin, developer, outsider].map(id));
  const invite = (roles) => ({ email: `x${Math.random()}@acme.example`, name: 'X', roles });
  // What others may not see does not exist; who manages nothing sees nobody.
  assert.deepEqual((await admin.all('/admins')).map((each) => each.id).toSorted(), [adminId, developerId].toSorted());
  await admin.get(`/admins/${outsiderId}`, { status: 404 });
  await admin.get(`/admins/${adaId}`, { status: 404 });
  for (const attempt of [['GET', '/admins'], ['GET', `/admins/${developerId}`], ['POST', '/admins', invite([{ product: one, role: 'viewer' }])],
    ['PATCH', `/admins/${developerId}`, { roles: all }], ['DELETE', `/admins/${adaId}`], ['POST', `/admins/${adminId}/invitation`]]) {
    assert.equal(problem(await developer.call(attempt[0], attempt[1], attempt[2], { status: 403, ifMatch: '*' })), 'role-insufficient');
  }
  for (const client of [admin, developer]) {
    for (const [method, path] of [['GET', '/settings/single-sign-on'], ['DELETE', '/settings/single-sign-on'], ['POST', '/products']]) {
      await client.call(method, path, method === 'POST' ? { name: 'three' } : undefined, { status: 403, ifMatch: '*' });
    }
  }
  // Invitations: over the own product, up to admin.
  for (const roles of [all, [{ product: null, role: 'viewer' }], [{ product: two, role: 'viewer' }], [{ product: one, role: 'viewer' }, { product: two, role: 'viewer' }]]) {
    assert.equal(problem(await admin.post('/admins', invite(roles), { status: 403 })), 'role-escalation');
  }
  for (const roles of [[], [{ product: one, role: 'owner' }], [{ product: one, role: 'root' }], [{ role: 'admin' }], [{ product: '', role: 'admin' }], [{ product: one, role: 'admin' }, { product: one, role: 'viewer' }], [{ product: 'prod_none', role: 'viewer' }], [{ product: 'one', role: 'viewer' }], 'admin', [7]]) {
    await ada.post('/admins', invite(roles), { status: 422 });
  }
  const { body: made } = await admin.post('/admins', invite([{ product: one, role: 'admin' }]));
  await admin.post(`/admins/${made.administrator.id}/invitation`);
  assert.equal(problem(await admin.post(`/admins/${developerId}/invitation`, undefined, { status: 403 })), 'role-insufficient', 'a link to a password is as good as being them');
  // Changes: of the own product alone, never of oneself upwards.
  const change = (client, who, roles, status = 403) => client.patch(`/admins/${who}`, { roles }, { ifMatch: '*', ...(status && { status }) });
  await change(admin, adminId, all);
  await change(admin, adminId, [{ product: one, role: 'admin' }, { product: two, role: 'viewer' }]);
  await change(admin, developerId, [{ product: one, role: 'admin' }, { product: two, role: 'admin' }]);
  await change(admin, developerId, [{ product: one, role: 'admin' }], 0); // the role over another product, which is not shown, stays
  assert.deepEqual((await developer.get('/account')).body.roles.map((each) => each.productName).toSorted(), ['one', 'two']);
  await change(admin, developerId, [{ product: one, role: 'admin' }, { product: two, role: 'viewer' }], 0);
  await change(admin, adaId, [], 404);
  await change(admin, outsiderId, [{ product: one, role: 'viewer' }], 404);
  await admin.delete(`/admins/${developerId}`, { ifMatch: '*', status: 403 });
  await admin.patch(`/admins/${developerId}`, { name: 'X' }, { ifMatch: '*', status: 403 });
  // What was taken is gone at the next request.
  await change(ada, adminId, [{ product: two, role: 'viewer' }], 0);
  await admin.get(`/products/${one}`, { status: 404 });
  await ada.delete(`/admins/${adminId}`, { ifMatch: '*' });
  await admin.get('/account', { status: 401 });
  const trail = await ada.all('/audit', { action: 'administrator.change' });
  assert.ok(trail.some((row) => row.before?.roles && row.after?.roles && row.actor === `admin:${adaId}`), JSON.stringify(trail.at(0)));
});

test('the last owner stays, also when two act at once', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const adaId = (await ada.get('/account')).body.id;
  const demote = (client, id) => client.call('PATCH', `/admins/${id}`, { roles: [{ product: null, role: 'viewer' }] }, { ifMatch: '*', unchecked: true, status: undefined }).then((one) => one.status, (error) => Number(/answered (\d+)/.exec(error.message)?.[1]));
  await ada.patch(`/admins/${adaId}`, { roles: [] }, { ifMatch: '*', status: 409 });
  await ada.delete(`/admins/${adaId}`, { ifMatch: '*', status: 409 });
  await ada.post('/admins', { email: 'late@acme.example', name: 'Late', roles: all }); // invited, but never came
  await ada.delete(`/admins/${adaId}`, { ifMatch: '*', status: 409 });
  for (let round = 0; round < 4; round++) {
    const grace = await invited(ada, { email: `grace${round}@acme.example`, roles: all });
    const graceId = (await grace.get('/account')).body.id;
    const answers = await Promise.all([demote(ada, graceId), demote(grace, adaId)]);
    assert.deepEqual(answers.filter((status) => status === 200).length, 1, String(answers));
    const left = answers[0] === 200 ? ada : grace;
    const owners = (await left.all('/admins')).filter((one) => one.state === 'active' && one.roles.some((role) => role.role === 'owner'));
    assert.equal(owners.length, 1);
    if (left !== ada) await grace.patch(`/admins/${adaId}`, { roles: all }, { ifMatch: '*' });
    await ada.patch(`/admins/${graceId}`, { roles: [] }, { ifMatch: '*' });
  }
});

test('API tokens: never more than their scopes, nor than their owner has now', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const one = (await ada.post('/products', { name: 'one' })).body.id;
  const two = (await ada.post('/products', { name: 'two' })).body.id;
  const developer = await invited(ada, { email: 'dev@acme.example', name: 'Dev', roles: [{ product: one, role: 'developer' }] });
  const token = async (client, scopes, product = null, more = {}) => (await client.post('/account/api-tokens', { name: 'deploy', scopes, product, ...more })).body;
  const reading = ada.as({ token: (await token(ada, ['read'])).token });
  assert.equal((await reading.all('/products')).length, 2);
  await reading.post('/products', { name: 'three' }, { status: 403 });
  const bound = ada.as({ token: (await token(ada, ['read', 'manage'], one)).token });
  await bound.get(`/products/${two}`, { status: 404 });
  await bound.post(`/products/${one}/environments`, { name: 'live' });
  await bound.get('/settings/single-sign-on', { status: 403 });
  await bound.post('/admins', { email: 'x@acme.example', name: 'X', roles: all }, { status: 403 });
  // A token makes no tokens, passwords, passkeys, sessions, nor a link to somebody's password.
  const whole = ada.as({ token: (await token(ada, ['read', 'configure', 'secrets', 'people-write', 'manage', 'own'])).token });
  await whole.post('/products', { name: 'three' });
  const adaId = (await ada.get('/account')).body.id;
  const sessionId = (await ada.all('/account/sessions'))[0].id;
  for (const [method, path, body] of [['POST', '/account/api-tokens', { name: 'x', scopes: ['own'] }], ['POST', '/account/password', { current: password, new: 'a wholly other phrase' }], ['POST', '/account/totp'],
    ['POST', '/account/passkeys/options'], ['POST', '/account/recovery-codes'], ['DELETE', '/account/totp'], ['DELETE', `/account/sessions/${sessionId}`], ['PATCH', '/account', { email: 'evil@acme.example' }],
    ['POST', '/session/confirm', { password }], ['POST', `/admins/${adaId}/invitation`], ['PUT', '/settings/single-sign-on', { issuer: 'https://x.example', clientId: 'x', label: 'x' }]]) {
    await whole.call(method, path, body, { status: 403, ifMatch: '*' });
  }
  // More than its owner may, it cannot have, nor keep.
  await developer.post('/account/api-tokens', { name: 'x', scopes: ['manage'], product: one }, { status: 422 });
  await developer.post('/account/api-tokens', { name: 'x', scopes: ['read'], product: two }, { status: 422 });
  const wishful = ada.as({ token: (await token(developer, ['own', 'manage', 'configure'])).token });
  await wishful.post('/products', { name: 'four' }, { status: 403 });
  await wishful.post(`/products/${one}/environments`, { name: 'beta' }, { status: 403 });
  const developerId = (await developer.get('/account')).body.id;
  await ada.patch(`/admins/${developerId}`, { roles: [] }, { ifMatch: '*' });
  await wishful.get(`/products/${one}`, { status: 404 });
  // Kept as a hash, ended at once.
  const made = await token(ada, ['read'], null, { expiresInDays: 1 });
  assert.match(made.token, /^ca_[\w-]{43}$/);
  assert.equal(Date.parse(made.apiToken.expiresAt) - Date.parse(made.apiToken.createdAt), 86_400_000);
  assert.equal(made.apiToken.hint, made.token.slice(0, 8));
  const mine = ada.as({ token: made.token });
  await mine.get('/account');
  assert.ok((await ada.all('/account/api-tokens')).find((each) => each.id === made.apiToken.id).lastUsedAt);
  await mine.delete(`/account/api-tokens/${made.apiToken.id}`); // whoever finds it may end it
  await mine.get('/account', { status: 401 });
  for (const given of ['ca_', `ca_${'A'.repeat(43)}`, `${made.token}x`, made.token.slice(3), '']) {
    await ada.as({ token: given || ' ' }).get('/account', { status: 401 });
  }
  for (const scopes of [[], ['everything'], ['read', 'read'], 'read', [1]]) await ada.post('/account/api-tokens', { name: 'x', scopes }, { status: 422 });
  for (const expiresInDays of [0, -1, 3651, 1.5, '9']) await ada.post('/account/api-tokens', { name: 'x', scopes: ['read'], expiresInDays }, { status: 422 });
  await ada.delete(`/account/api-tokens/tok_${'0'.repeat(32)}`, { status: 404 });
});
