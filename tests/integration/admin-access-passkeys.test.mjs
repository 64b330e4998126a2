// SPDX-License-Identifier: Apache-2.0
// Passkeys of administrators, made by a device in software (lib/authenticator.mjs): every rule of WebAuthn from both sides.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { Authenticator } from './lib/authenticator.mjs';
import { password, setUp, visitorOf } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';

const problem = ({ body }) => body.type.replace('urn:chatelaine:problem:', '');

/** fetch() chooses Host itself; passkeys need a name. */
function named(server, host) {
  const shown = Object.create(server);
  Object.defineProperty(shown, 'url', { value: server.url });
  shown.fetch = (path, { method = 'GET', headers = {}, body } = {}) => new Promise((done, failed) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers: { ...headers, Host: host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => done(new Response([204, 304].includes(response.statusCode) ? null : text, {
        status: response.statusCode,
        headers: Object.entries(response.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value])),
      })));
    });
    asked.on('error', failed);
    asked.end(body);
  });
  return shown;
}

async function startNamed(t) {
  const server = await startServer(t);
  const host = `localhost:${server.port}`;
  return { server: named(server, host), origin: `http://${host}`, host };
}

const rejoin = (client, { headers }, csrf) => client.as({ cookie: headers.getSetCookie().map((one) => one.split(';')[0]).join('; '), csrf });

for (const [name, algorithm] of [['ES256', -7], ['EdDSA', -8], ['RS256', -257]]) {
  test(`a passkey with ${name} signs in alone, and stands for both factors`, async (t) => {
    const { server, origin } = await startNamed(t);
    const ada = await setUp(server);
    const device = new Authenticator({ algorithm });
    const { body: creation } = await ada.post('/account/passkeys/options');
    assert.deepEqual([creation.rp.id, creation.authenticatorSelection.userVerification, creation.attestation], ['localhost', 'required', 'none']);
    const { body: added } = await ada.post('/account/passkeys', { name: 'laptop', credential: device.create(creation, origin) });
    assert.equal(added.recoveryCodes.length, 10, 'with the first second factor');
    const nobody = await visitorOf(server);
    const asked = await nobody.post('/session', { email: 'ada@acme.example', password }, { status: 401 });
    assert.deepEqual(asked.body.methods, ['passkey', 'recovery-code']);
    const { body: options } = await nobody.post('/session/passkey/options');
    assert.deepEqual(options.allowCredentials, []);
    const signedIn = await nobody.post('/session/passkey', { credential: device.get(options, origin) });
    const client = rejoin(nobody, signedIn, signedIn.body.csrfToken);
    const [passkey] = await client.all('/account/passkeys');
    assert.ok(passkey.lastUsedAt);
    assert.equal((await client.all('/account/sessions')).find((one) => one.isCurrent).method, 'passkey');
    assert.equal((await client.patch(`/account/passkeys/${passkey.id}`, { name: 'desk' })).body.name, 'desk');
    const { body: excluding } = await client.post('/account/passkeys/options');
    assert.deepEqual(excluding.excludeCredentials.map((one) => one.id), [device.id.toString('base64url')]);
    await client.delete(`/account/passkeys/${passkey.id}`);
    await client.delete(`/account/passkeys/${passkey.id}`, { status: 404 });
    const { body: gone } = await nobody.post('/session/passkey/options');
    await nobody.post('/session/passkey', { credential: device.get(gone, origin) }, { status: 401 });
    const back = await nobody.post('/session', { email: 'ada@acme.example', password });
    assert.equal(back.body.administrator.recoveryCodesLeft, 0, 'without a second factor there is nothing to recover');
  });
}

test('what a passkey must not be added by', async (t) => {
  const { server, origin } = await startNamed(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  await nobody.post('/account/passkeys/options', undefined, { status: 401 });
  const { body: options } = await ada.post('/account/passkeys/options');
  const { body: signInOptions } = await nobody.post('/session/passkey/options');
  const wrongs = {
    'another origin': { origin: 'https://evil.example' },
    'another scheme': { origin: origin.replace('http:', 'https:') },
    'another port': { origin: 'http://localhost:1' },
    'another ceremony': { type: 'webauthn.get' },
    'a frame of another site': { more: { crossOrigin: true } },
    'a top page of another site': { more: { topOrigin: 'https://evil.example' } },
    'a challenge of nobody': { challenge: Buffer.from('challenge').toString('base64url') },
    'a challenge for signing in': { challenge: signInOptions.challenge },
    'no challenge': { challenge: '' },
    'another relying party': { rpId: 'evil.example' },
    'nobody verified': { flags: 0x41 },
    'nobody present': { flags: 0x44 },
    'no key': { flags: 0x05 },
    'a key cut short': { cut: 80 },
    'no data': { cut: 30 },
    'another id': { id: 'AAAA' },
  };
  for (const [what, wrong] of Object.entries(wrongs)) {
    const answer = await ada.post('/account/passkeys', { name: 'x', credential: new Authenticator().create(options, origin, wrong) }, { status: 422 });
    assert.equal(problem(answer), 'passkey-invalid', what);
  }
  for (const credential of [{}, { id: 'x', type: 'public-key', response: 7 }, { id: '', type: 'public-key', response: {} }, { id: 'AAAA', type: 'password', response: {} },
    { id: 'AAAA', type: 'public-key', response: { clientDataJSON: '!!!', authenticatorData: 'AAAA' } }, { id: 'AAAA', type: 'public-key', response: { clientDataJSON: 'e30', authenticatorData: 'A'.repeat(20_000) } }]) {
    await ada.post('/account/passkeys', { name: 'x', credential }, { status: 422 });
  }
  const device = new Authenticator();
  await ada.post('/account/passkeys', { name: 'x', credential: device.create(options, origin) });
  // One challenge, one passkey; and one passkey is one administrator's.
  await ada.post('/account/passkeys', { name: 'x', credential: new Authenticator().create(options, origin) }, { status: 422 });
  const { body: second } = await ada.post('/account/passkeys/options');
  await ada.post('/account/passkeys', { name: 'x', credential: device.create(second, origin) }, { status: 422 });
  assert.equal((await ada.all('/account/passkeys')).length, 1);
});

test('what a passkey must not sign in by', async (t) => {
  const { server, origin } = await startNamed(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const device = new Authenticator();
  const { body: creation } = await ada.post('/account/passkeys/options');
  await ada.post('/account/passkeys', { name: 'x', credential: device.create(creation, origin) });
  const options = async () => (await nobody.post('/session/passkey/options')).body;
  const malformed = {
    'another origin': { origin: 'https://evil.example' },
    'another ceremony': { type: 'webauthn.create' },
    'a frame of another site': { more: { crossOrigin: true } },
    'a challenge of nobody': { challenge: 'AAAA' },
    'a challenge for adding one': { challenge: creation.challenge },
    'another relying party': { rpId: 'evil.example' },
    'nobody verified': { flags: 0x01 },
    'nobody present': { flags: 0x04 },
  };
  for (const [what, wrong] of Object.entries(malformed)) {
    assert.equal(problem(await nobody.post('/session/passkey', { credential: device.get(await options(), origin, wrong) }, { status: 422 })), 'passkey-invalid', what);
  }
  const refused = {
    'a forged signature': { signature: true },
    'another user': { userHandle: Buffer.from('adm_0').toString('base64url') },
    'no user': { userHandle: null },
    'an unknown credential': { id: 'AAAA' },
  };
  for (const [what, wrong] of Object.entries(refused)) {
    assert.equal(problem(await nobody.post('/session/passkey', { credential: device.get(await options(), origin, wrong) }, { status: 401 })), 'passkey-refused', what);
  }
  // Another device that says it is this one.
  const forger = new Authenticator();
  Object.assign(forger, { id: device.id, userHandle: device.userHandle, count: 1000 });
  await nobody.post('/session/passkey', { credential: forger.get(await options(), origin) }, { status: 401 });
  // The same answer twice; two answers to one challenge.
  const asked = await options();
  const credential = device.get(asked, origin);
  await nobody.post('/session/passkey', { credential });
  await nobody.post('/session/passkey', { credential }, { status: 401 }); // its counter has not risen either
  await nobody.post('/session/passkey', { credential: device.get(asked, origin) }, { status: 422 });
  // A counter that falls is a copy's.
  const copy = new Authenticator();
  Object.assign(copy, { id: device.id, key: device.key, userHandle: device.userHandle, count: 0 });
  await nobody.post('/session/passkey', { credential: copy.get(await options(), origin) }, { status: 401 });
  await nobody.post('/session/passkey', { credential: device.get(await options(), origin) });
  const rows = await ada.all('/audit', { action: 'administrator.sign-in', outcome: 'refused' });
  const reasons = new Set(rows.map((row) => row.reason));
  for (const reason of ['passkey-unknown', 'passkey-foreign', 'passkey-signature-wrong', 'passkey-copied']) assert.ok(reasons.has(reason), `${reason} is not in the log: ${[...reasons]}`);
});

test('a device that does not count; a server that is called by a number', async (t) => {
  const { server, origin } = await startNamed(t);
  const ada = await setUp(server);
  const nobody = await visitorOf(server);
  const device = new Authenticator({ counts: false });
  const { body: creation } = await ada.post('/account/passkeys/options');
  await ada.post('/account/passkeys', { name: 'x', credential: device.create(creation, origin) });
  for (let i = 0; i < 2; i++) {
    const { body: options } = await nobody.post('/session/passkey/options');
    await nobody.post('/session/passkey', { credential: device.get(options, origin) });
  }
  const byNumber = named(server, `127.0.0.1:${server.port}`);
  const response = await byNumber.fetch('/admin/v1/session/passkey/options', { method: 'POST' });
  assert.equal(response.status, 409);
  assert.equal((await (await byNumber.fetch('/admin/v1/session')).json()).methods.passkey, false);
});
