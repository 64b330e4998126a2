// SPDX-License-Identifier: Apache-2.0
// Single sign-on of administrators with a real OpenID provider, and with answers that are forged on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPair } from 'jose';
import { Browser, startCompany } from './lib/company.mjs';
import { invited, password, setUp, visitorOf } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';
import { serveJson } from './lib/tokens.mjs';

const path = '/settings/single-sign-on';
const people = () => ({
  ada: { email: 'ada@acme.example', email_verified: true, name: 'Ada' },
  bob: { email: 'Bob@Acme.example', email_verified: true, name: 'Bob', groups: ['chat-admins', 'staff'] },
  eve: { email: 'eve@acme.example', email_verified: false, name: 'Eve' },
  mallory: { email: 'mallory@evil.example', email_verified: true, name: 'Mallory' },
});
const problem = ({ body }) => body.type.replace('urn:chatelaine:problem:', '');

async function start(t, draft = {}, options = {}) {
  const server = await startServer(t);
  const ada = await setUp(server);
  const redirectUri = `${server.url}/admin/v1/session/single-sign-on/callback`;
  const company = await startCompany(t, { people: people(), redirectUris: [redirectUri], ...options });
  const settings = { issuer: company.issuer, clientId: company.clientId, clientSecret: company.clientSecret, label: 'Acme', emailDomains: ['acme.example'], defaultRole: 'viewer', ...draft };
  const { body, etag } = await ada.put(path, settings, { ifMatch: '*' });
  assert.equal(body.redirectUri, redirectUri);
  return { server, ada, company, settings, etag };
}
const sessionOf = async (server, browser) => {
  const cookie = [...browser.jar(server.url)].map(([name, value]) => `${name}=${value}`).join('; ');
  const nobody = await visitorOf(server);
  const { body } = await nobody.get('/session', { headers: { Cookie: cookie } });
  return { ...body, client: nobody.as({ cookie, csrf: body.csrfToken }) };
};

for (const method of ['client_secret_basic', 'client_secret_post']) {
  test(`somebody of the company comes in, and is the same the next time (${method})`, async (t) => {
    const { server, ada, company } = await start(t, {}, { method });
    if (method === 'client_secret_post') company.tamper = null;
    assert.deepEqual((await (await visitorOf(server)).get('/session')).body.methods.singleSignOn, { label: 'Acme' });
    const bob = new Browser();
    assert.equal(await bob.signIn(server, 'bob', '?returnTo=/audit'), '/audit');
    assert.equal(bob.asked.searchParams.get('code_challenge_method'), 'S256');
    assert.deepEqual([...bob.jar(server.url).keys()].filter((name) => /sso/.test(name)), [], 'the binding goes with its use');
    const first = await sessionOf(server, bob);
    assert.deepEqual(first.administrator.roles.map((one) => one.role), ['viewer']);
    assert.deepEqual([first.administrator.hasPassword, first.administrator.isLinkedToSingleSignOn], [false, true]);
    const again = new Browser();
    company.people.bob.email = 'robert@acme.example'; // another address, the same subject
    assert.equal(await again.signIn(server, 'bob'), '/');
    assert.equal((await sessionOf(server, again)).administrator.id, first.administrator.id);
    const text = JSON.stringify(await ada.all('/audit')) + JSON.stringify((await ada.get(path)).body) + server.stderr;
    assert.ok(!text.includes('a secret with'), 'the client secret is told to nobody');
  });
}

test('who has no business here does not come in', async (t) => {
  const { server, ada, company } = await start(t);
  const grace = await invited(ada, { email: 'grace@acme.example', roles: [{ product: null, role: 'viewer' }] });
  assert.ok(grace);
  company.people.grace = { email: 'grace@acme.example', email_verified: true };
  const refused = { mallory: 'single-sign-on-not-invited', eve: 'single-sign-on-email-unverified', ada: 'single-sign-on-not-linked', grace: 'single-sign-on-not-linked' };
  for (const [login, code] of Object.entries(refused)) {
    const browser = new Browser();
    assert.equal(await browser.signIn(server, login), `/sign-in?problem=${code}`, login);
    assert.equal((await sessionOf(server, browser)).isSignedIn, false);
  }
  // An invitation lets in whoever has the address, and links the account.
  await ada.post('/admins', { email: 'Mallory@evil.example', name: 'Mallory', roles: [{ product: null, role: 'admin' }] });
  const browser = new Browser();
  assert.equal(await browser.signIn(server, 'mallory'), '/');
  assert.deepEqual((await sessionOf(server, browser)).administrator.roles.map((one) => one.role), ['admin']);
  // The account that Ada had before is linked by herself, signed in.
  const linked = (login) => {
    const hers = new Browser();
    for (const pair of ada.cookie.split('; ')) hers.jar(server.url).set(...pair.split('='));
    return hers.signIn(server, login, '?link=true&returnTo=/account');
  };
  assert.equal(await linked('bob'), '/sign-in?problem=single-sign-on-other-email');
  assert.equal(await linked('mallory'), '/sign-in?problem=single-sign-on-linked-elsewhere');
  assert.equal(await linked('ada'), '/account');
  const fresh = new Browser();
  assert.equal(await fresh.signIn(server, 'ada'), '/', 'from now on without a password');
  assert.equal((await sessionOf(server, fresh)).administrator.email, 'ada@acme.example');
  assert.equal(await new Browser().signIn(server, 'ada', '?link=true'), '/sign-in?problem=sign-in-required');
});

test('answers that are forged, replayed, or meant for another browser', async (t) => {
  const { server, company } = await start(t);
  const expired = '/sign-in?problem=single-sign-on-expired';
  const failed = '/sign-in?problem=single-sign-on-failed';
  const go = async () => {
    const browser = new Browser();
    return { browser, back: await browser.go(server, 'bob') };
  };
  const changed = (back, name, value) => {
    const url = new URL(back);
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
    return url;
  };
  const one = await go();
  assert.ok(one.back.searchParams.get('iss'), 'RFC 9207');
  assert.equal(await new Browser().land(one.back), expired, "another browser's");
  for (const [name, value] of [['state', 'x'], ['state', null]]) assert.equal(await (await go()).browser.land(changed(one.back, name, value)), expired, `${name} ${value}`);
  for (const value of ['https://evil.example', null, `${company.issuer}/`]) {
    const { browser, back } = await go();
    assert.equal(await browser.land(changed(back, 'iss', value)), failed, `iss ${value}`);
  }
  const two = await go();
  const [cookie, value] = [...two.browser.jar(server.url)].find(([name]) => /sso/.test(name));
  assert.equal(await two.browser.land(two.back), '/');
  assert.equal(await two.browser.land(two.back), expired);
  two.browser.jar(server.url).set(cookie, value);
  assert.equal(await two.browser.land(two.back), expired, 'with its cookie kept');
  const three = await go();
  three.browser.jar(server.url).set(cookie, value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
  assert.equal(await three.browser.land(three.back), expired, 'a cookie that was changed');
  const four = await go();
  assert.equal(await four.browser.land(changed(four.back, 'code', 'of somebody else')), failed);
  const five = await go();
  assert.equal(await five.browser.land(changed(changed(five.back, 'code', null), 'error', 'access_denied')), '/sign-in?problem=single-sign-on-refused');
  // Tokens that the provider did not sign, or not for this sign-in.
  const { privateKey: foreign } = await generateKeyPair('RS256');
  const forgeries = {
    'another nonce': (claims) => company.sign({ ...claims, nonce: 'other' }),
    'no nonce': ({ nonce, ...claims }) => company.sign(claims),
    'another audience': (claims) => company.sign({ ...claims, aud: 'other' }),
    'another party beside us': (claims) => company.sign({ ...claims, aud: [company.clientId, 'other'] }),
    'made for another client': (claims) => company.sign({ ...claims, azp: 'other' }),
    'another issuer': (claims) => company.sign({ ...claims, iss: 'https://evil.example' }),
    expired: (claims) => company.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 600 }),
    'another key': (claims) => company.sign(claims, { key: foreign }),
    'an unknown key': (claims) => company.sign(claims, { key: foreign, kid: 'evil' }),
    unsigned: (claims) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
    'signed by the client secret': (claims) => company.sign(claims, { key: new TextEncoder().encode(company.clientSecret.padEnd(32, 'x')), alg: 'HS256' }),
  };
  for (const [what, forge] of Object.entries(forgeries)) {
    const { browser, back } = await go();
    let forged = null;
    company.tamper = (asked, body) => {
      if (asked !== '/token' || !forged) return undefined;
      return JSON.stringify({ ...JSON.parse(body), id_token: forged });
    };
    // What is to be forged is known from the address that we sent the browser to.
    const claims = { iss: company.issuer, sub: 'bob', aud: company.clientId, nonce: browser.asked.searchParams.get('nonce'), iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300, email: 'bob@acme.example', email_verified: true };
    forged = await forge(claims);
    assert.equal(await browser.land(back), failed, what);
  }
  const { browser, back } = await go();
  const good = await company.sign({ iss: company.issuer, sub: 'bob', aud: company.clientId, nonce: browser.asked.searchParams.get('nonce'), iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300 });
  company.tamper = (asked, body) => (asked === '/token' ? JSON.stringify({ ...JSON.parse(body), id_token: good }) : undefined);
  assert.equal(await browser.land(back), '/', 'what is right passes by the same way');
});

test('who has begun nothing fills no audit log', async (t) => {
  const { server, ada } = await start(t);
  const rows = async () => (await ada.all('/audit', { action: 'administrator.sign-in', outcome: 'refused' })).length;
  const callback = (query, headers = {}) => server.fetch(`/admin/v1/session/single-sign-on/callback?${query}`, { redirect: 'manual', headers });
  for (const query of ['', 'code=x&state=y', 'error=access_denied', `state=${'A'.repeat(43)}&code=x`]) {
    for (const headers of [{}, { Cookie: 'chatelaine-sso=x' }]) {
      assert.equal((await callback(query, headers)).headers.get('location'), '/sign-in?problem=single-sign-on-expired');
    }
  }
  assert.equal(await rows(), 0);
  const browser = new Browser();
  const back = await browser.go(server, 'bob');
  back.searchParams.set('error', 'access_denied');
  const kept = [...browser.jar(server.url)].map(([name, value]) => `${name}=${value}`).join('; ');
  assert.equal(await browser.land(back), '/sign-in?problem=single-sign-on-refused');
  for (let i = 0; i < 3; i++) await callback(back.searchParams, { Cookie: kept });
  assert.equal(await rows(), 1, 'what was begun here is told, once');
});

test('where the browser goes afterwards is a page of ours', async (t) => {
  const { server } = await start(t);
  for (const [returnTo, landing] of [['/products', '/products'], ['//evil.example', '/'], ['/\\evil.example', '/'], ['https://evil.example', '/'], ['javascript:alert(1)', '/'], ['/a\nSet-Cookie: x=y', '/'], ['products', '/'], [`/${'x'.repeat(600)}`, '/']]) {
    assert.equal(await new Browser().signIn(server, 'bob', `?returnTo=${encodeURIComponent(returnTo)}`), landing, returnTo);
  }
});

test('roles by groups, looked at with each sign-in; never an owner', async (t) => {
  const { server, ada, company, settings } = await start(t, { defaultRole: null, roleMapping: { claim: 'groups', roles: { 'chat-admins': 'admin', staff: 'viewer' } } });
  const roles = async () => {
    const browser = new Browser();
    const landing = await browser.signIn(server, 'bob');
    return landing === '/' ? (await sessionOf(server, browser)).administrator.roles.map((one) => one.role) : landing;
  };
  assert.deepEqual(await roles(), ['admin']);
  company.people.bob.groups = 'staff';
  assert.deepEqual(await roles(), ['viewer']);
  company.people.bob.groups = ['others'];
  assert.equal(await roles(), '/sign-in?problem=single-sign-on-no-role');
  company.people.new = { email: 'new@acme.example', email_verified: true, groups: [] };
  assert.equal(await new Browser().signIn(server, 'new'), '/sign-in?problem=single-sign-on-not-invited');
  await ada.put(path, { ...settings, roleMapping: { claim: 'groups', roles: { x: 'owner' } } }, { ifMatch: '*', status: 422 });
  await ada.put(path, { ...settings, defaultRole: 'owner' }, { ifMatch: '*', status: 422 });
});

test('who is an owner no more when the provider answers at last sets nothing', async (t) => {
  const { ada, settings, etag } = await start(t);
  const mallory = await invited(ada, { email: 'mallory@acme.example', name: 'Mallory', roles: [{ product: null, role: 'owner' }] });
  const { body: { administrator } } = await mallory.get('/session');
  const slow = await serveJson(t, {});
  const issuer = new URL(slow.url).origin;
  const metadata = { issuer, authorization_endpoint: `${issuer}/go`, token_endpoint: `${issuer}/token`, jwks_uri: slow.url };
  const asked = new Promise((done) => {
    slow.answer = (request, response) => done(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(metadata)));
  });
  const setting = mallory.put(path, { ...settings, issuer }, { ifMatch: etag, status: 403 });
  const answer = await asked;
  await ada.patch(`/admins/${administrator.id}`, { roles: [{ product: null, role: 'viewer' }] }, { ifMatch: '*' });
  answer();
  assert.equal(problem(await setting), 'role-insufficient');
  const { body, etag: after } = await ada.get(path);
  assert.deepEqual([body.issuer, after], [settings.issuer, etag]);
});

test('settings: checked with the provider, versioned; passwords go off only when it works', async (t) => {
  const { server, ada, company, settings, etag } = await start(t);
  await ada.put(path, settings, { ifMatch: '"7"', status: 412 });
  await ada.put(path, settings, { status: 428 });
  for (const draft of [{ issuer: `${company.issuer}/` }, { issuer: 'https://127.0.0.1:1' }, { issuer: 'ftp://x' }, { issuer: `${company.issuer}?x` }, { label: '' }, { clientId: '' }, { emailDomains: ['Acme.example'] }, { emailDomains: [7] },
    { emailDomains: ['*'] }, { roleMapping: {} }, { roleMapping: { claim: 'g', roles: { a: 'king' } } }, { isPasswordOff: 'yes' }]) {
    await ada.put(path, { ...settings, ...draft }, { ifMatch: etag, status: 422 });
  }
  const off = await ada.put(path, { ...settings, isPasswordOff: true }, { ifMatch: etag, status: 422 });
  assert.equal(problem(off), 'sign-in-not-proven');
  const browser = new Browser();
  for (const pair of ada.cookie.split('; ')) browser.jar(server.url).set(...pair.split('='));
  await browser.signIn(server, 'ada', '?link=true');
  const { client } = await sessionOf(server, browser);
  const { clientSecret, ...without } = settings;
  const { body } = await client.put(path, { ...without, isPasswordOff: true }, { ifMatch: etag });
  assert.deepEqual([body.isPasswordOff, body.hasClientSecret, body.version], [true, true, 2]);
  const nobody = await visitorOf(server);
  assert.equal(problem(await nobody.post('/session', { email: 'ada@acme.example', password }, { status: 403 })), 'password-off');
  assert.equal((await nobody.get('/session')).body.methods.password, false);
  const { body: { invitation } } = await client.post('/admins', { email: 'bob@acme.example', name: 'Bob', roles: [{ product: null, role: 'viewer' }] });
  assert.equal(problem(await nobody.post('/invitation/accept', { token: invitation.token, password }, { status: 403 })), 'password-off', 'a link is no way round either');
  assert.equal(await new Browser().signIn(server, 'bob'), '/', 'whom the invitation lets in by single sign-on');
  assert.equal(await new Browser().signIn(server, 'ada'), '/', 'the secret that was kept still works');
  // Another provider is not believed without proof, and does not get the secret of the first.
  await client.put(path, { ...without, clientId: 'other', isPasswordOff: true }, { ifMatch: '*', status: 422 });
  await client.delete(path, { ifMatch: '*' });
  await client.get(path, { status: 404 });
  await nobody.post('/session', { email: 'ada@acme.example', password });
  assert.equal(await new Browser().signIn(server, 'ada'), '/sign-in?problem=single-sign-on-off');
});
