// SPDX-License-Identifier: Apache-2.0
// An OpenID provider moves its keys, or its sign-in: nobody has to save anything again, and one that lies changes nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCompany, Browser } from './lib/company.mjs';
import { administrator, setUp } from './lib/openapi.mjs';
import { sql } from './lib/postgres.mjs';
import { startServer } from './lib/server.mjs';
import { makeKey, now, serveJson } from './lib/tokens.mjs';

/** A provider whose metadata and key sets the test decides: `provider.metadata`, `provider.sets['/keys']`. */
async function startIssuer(t) {
  const served = await serveJson(t, {});
  const issuer = new URL(served.url).origin;
  const key = await makeKey('ES256');
  const metadata = { issuer, jwks_uri: `${issuer}/keys`, code_challenge_methods_supported: ['S256'] };
  const provider = { issuer, key, metadata, sets: { '/keys': [key] }, asked: 0 };
  served.answer = (request, response) => {
    const isMetadata = request.url === '/.well-known/openid-configuration';
    const keys = provider.sets[request.url];
    if (isMetadata) provider.asked++;
    const body = isMetadata ? provider.metadata : keys && { keys: keys.map((one) => one.publicJwk) };
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  };
  provider.token = (by = provider.key) => by.sign({ iss: issuer, aud: 'chat', sub: 'ada', iat: now(), exp: now() + 600 });
  return provider;
}

const issuerOf = (provider, more) => ({ name: 'company', mode: 'key-set', provider: { id: 'oidc', fields: { issuer: provider.issuer, clientId: 'chat' } }, ...more });

async function environmentWith(t, provider, more) {
  const document = { config: { origins: ['https://shop.example'], signIn: { enforcement: 'required', issuers: [] } } };
  const server = await startServer(t, { document });
  const api = await administrator(server);
  const at = `/environments/${server.acme.environment}`;
  const { body: saved } = await api.post(`${at}/issuers`, issuerOf(provider, more));
  const company = async () => (await api.get(`${at}/key-sets`)).body.items.find((one) => one.issuer === 'company');
  const verify = async (token) => (await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } })).status;
  return { server, api, at, saved, company, verify };
}

/** As an hour later: a server begins, and finds that it is time to read. */
async function anHourLater(server) {
  await server.stop();
  sql(server.data, `UPDATE discoveries SET next_at = ${Date.now()}`);
  await server.start();
}

async function until(look, what) {
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const seen = await look();
    if (seen) return seen;
  }
  assert.fail(`not seen within 15 s: ${what}`);
}

describe('a provider that moves', () => {
  test('its key set is followed at leisure, by no one’s hand, and the log says so', async (t) => {
    const provider = await startIssuer(t);
    const { server, api, at, company, verify } = await environmentWith(t, provider);
    assert.equal(await verify(await provider.token()), 200);
    await anHourLater(server); // nothing has moved
    const read = await until(async () => ((await company()).discovery?.readAt ? company() : null), 'read');
    assert.deepEqual([read.discovery.provider, read.discovery.failures, read.discovery.problem], [provider.issuer, 0, null]);
    assert.ok(new Date(read.discovery.nextReadAt) - Date.now() > 45 * 60_000, 'and not again before an hour');

    const next = await makeKey('ES256');
    provider.metadata = { ...provider.metadata, jwks_uri: `${provider.issuer}/new/keys` };
    provider.sets = { '/new/keys': [next] };
    await anHourLater(server);
    await until(async () => (await company()).url === `${provider.issuer}/new/keys`, 'the new place');
    assert.equal(await verify(await provider.token(next)), 200);
    assert.notEqual(await verify(await provider.token()), 200, 'keys that are gone verify no more');
    const { body: audit } = await api.get(`${at}/audit`, { query: { actor: 'server:discovery' } });
    assert.equal(audit.items.length, 1);
    assert.equal(audit.items[0].action, 'environment.set-config');
    assert.match(JSON.stringify(audit.items[0].after), /\/new\/keys/);
    assert.ok(server.log().some((line) => line.event === 'key-set-moved'), server.stderr);
  });

  test('an administrator who refreshes has it at once', async (t) => {
    const provider = await startIssuer(t);
    const { api, at, verify } = await environmentWith(t, provider);
    await api.post(`${at}/key-sets/refresh`, {});
    const next = await makeKey('ES256');
    provider.metadata = { ...provider.metadata, jwks_uri: `${provider.issuer}/new/keys` };
    provider.sets = { '/new/keys': [next] };
    const { body } = await api.post(`${at}/key-sets/refresh`, { issuer: 'company' });
    assert.equal(body.items[0].url, `${provider.issuer}/new/keys`);
    assert.equal(await verify(await provider.token(next)), 200);
  });

  test('one that lies, or fails, changes nothing: what was confirmed goes on', async (t) => {
    const provider = await startIssuer(t);
    const { api, at, saved, verify } = await environmentWith(t, provider);
    const refresh = async () => (await api.post(`${at}/key-sets/refresh`, { issuer: 'company' })).body.items[0];
    await refresh();
    const { etag } = await api.get(`${at}/config`);
    const good = provider.metadata;
    provider.sets['/empty'] = [];
    const lies = [
      [{ ...good, issuer: `${provider.issuer}/`, jwks_uri: `${provider.issuer}/evil` }, 'discovery-issuer-mismatch'],
      [{ ...good, jwks_uri: 'file:///etc/passwd' }, 'discovery-no-keys'],
      [{ ...good, jwks_uri: 'http://169.254.169.254/keys' }, 'discovery-keys-unusable'],
      [{ ...good, jwks_uri: `${provider.issuer}/nowhere` }, 'discovery-keys-unusable'],
      [{ ...good, jwks_uri: `${provider.issuer}/empty` }, 'discovery-keys-unusable'],
      ['no JSON', 'discovery-not-json'],
      [null, 'discovery-status'],
    ];
    for (const [index, [metadata, problem]] of lies.entries()) {
      provider.metadata = metadata;
      const item = await refresh();
      assert.deepEqual([item.url, item.discovery.problem, item.discovery.failures], [saved.keySetUrl, problem, index + 1]);
      assert.ok(item.discovery.sentence.length > 20 && item.discovery.readAt !== null);
    }
    assert.equal((await api.get(`${at}/config`)).etag, etag, 'not a letter of the configuration');
    assert.equal(await verify(await provider.token()), 200);
    provider.metadata = good;
    const mended = await refresh();
    assert.deepEqual([mended.discovery.failures, mended.discovery.problem, mended.url], [0, null, saved.keySetUrl]);
  });

  test('one whose new place the configuration cannot name holds up nobody else', async (t) => {
    const [liar, honest] = [await startIssuer(t), await startIssuer(t)];
    const { api, at, saved } = await environmentWith(t, liar);
    await api.post(`${at}/issuers`, issuerOf(honest, { name: 'other' }));
    await api.post(`${at}/key-sets/refresh`, {});
    liar.metadata = { ...liar.metadata, jwks_uri: `${liar.issuer}/keys#elsewhere` };
    honest.metadata = { ...honest.metadata, jwks_uri: `${honest.issuer}/new/keys` };
    honest.sets = { '/new/keys': [honest.key] };
    const { body: { items } } = await api.post(`${at}/key-sets/refresh`, {});
    assert.deepEqual(items.map((one) => [one.issuer, one.url, one.discovery.problem]),
      [['company', saved.keySetUrl, 'discovery-refused'], ['other', `${honest.issuer}/new/keys`, null]]);
  });

  test('a URL that was entered by hand stays, and so do pasted keys', async (t) => {
    const provider = await startIssuer(t);
    provider.sets['/mirror'] = [provider.key];
    const { api, at, saved } = await environmentWith(t, provider, { keySetUrl: `${provider.issuer}/mirror` });
    assert.equal(saved.keySetUrl, `${provider.issuer}/mirror`);
    for (const place of ['/keys', '/new/keys', '/keys']) {
      provider.sets[place] = [provider.key];
      provider.metadata = { ...provider.metadata, jwks_uri: provider.issuer + place };
      const { body } = await api.post(`${at}/key-sets/refresh`, {});
      assert.deepEqual([body.items[0].url, body.items[0].discovery.problem], [saved.keySetUrl, null]);
    }
    const { etag } = await api.get(`${at}/issuers/company`);
    await api.put(`${at}/issuers/company`, issuerOf(provider, { keys: { keys: [provider.key.publicJwk] } }), { ifMatch: etag });
    const asked = provider.asked;
    const { body } = await api.post(`${at}/key-sets/refresh`, {});
    assert.deepEqual([body.items[0].source, body.items[0].discovery, provider.asked], ['pasted', null, asked]);
  });

  test('one that did not answer when it was saved is confirmed when it does', async (t) => {
    const provider = await startIssuer(t);
    const metadata = provider.metadata;
    provider.metadata = null;
    const server = await startServer(t, { document: { config: { signIn: { enforcement: 'required', issuers: [issuerOf(provider)] } } } });
    const verify = async () => (await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${await provider.token()}` } })).status;
    assert.notEqual(await verify(), 200);
    await until(() => sql(server.data, 'SELECT COUNT(*) FROM discoveries WHERE failures > 0') === '1', 'the first try');
    provider.metadata = metadata;
    await anHourLater(server);
    await until(async () => (await verify()) === 200, 'a verified visitor');
  });

  test('single sign-on goes on where the provider’s sign-in has moved', async (t) => {
    const server = await startServer(t);
    const owner = await setUp(server);
    const company = await startCompany(t, { people: { ada: { email: 'ada@acme.example', email_verified: true, name: 'Ada' } }, redirectUris: [`${server.url}/admin/v1/session/single-sign-on/callback`] });
    await owner.put('/settings/single-sign-on', { issuer: company.issuer, clientId: company.clientId, clientSecret: company.clientSecret, label: 'Acme' }, { ifMatch: '*' });
    const elsewhere = `${company.issuer}/elsewhere`;
    company.tamper = (path, answer) => (path === '/.well-known/openid-configuration' ? JSON.stringify({ ...JSON.parse(answer), authorization_endpoint: elsewhere }) : undefined);
    sql(server.data, 'DELETE FROM discoveries');
    await server.stop();
    await server.start();
    const leads = async () => (await new Browser().request(`${server.url}/admin/v1/session/single-sign-on/start`)).headers.get('location');
    await until(async () => (await leads())?.startsWith(elsewhere), 'the new address');
    const { body } = await owner.get('/settings/single-sign-on');
    assert.deepEqual([body.discovery.problem, body.discovery.provider, body.hasClientSecret], [null, company.issuer, true]);
    company.tamper = (path, answer) => (path === '/.well-known/openid-configuration' ? JSON.stringify({ ...JSON.parse(answer), issuer: 'https://evil.example', authorization_endpoint: 'https://evil.example' }) : undefined);
    await anHourLater(server);
    await until(async () => (await owner.get('/settings/single-sign-on')).body.discovery.problem, 'the lie');
    assert.ok((await leads()).startsWith(elsewhere), 'a liar is not followed');
  });
});
