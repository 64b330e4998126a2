// SPDX-License-Identifier: Apache-2.0
// The identity providers, set up by their own fields through the admin API: tokens of npm `jose`, PyJWT and a real OpenID provider,
// shaped as each provider documents them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, before, after } from 'node:test';
import { exportPKCS8 } from 'jose';
import { startProvider } from './lib/oidc.mjs';
import { administrator } from './lib/openapi.mjs';
import { run, startServer } from './lib/server.mjs';
import { makeKey, now, serveJson, serveKeys } from './lib/tokens.mjs';

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT

async function pyjwt(key, payload) {
  const program = 'import json, jwt, sys\na = json.load(sys.stdin)\n'
    + 'print(jwt.encode(a["payload"], a["key"], algorithm="RS256", headers={"kid": a["kid"]}))';
  const input = JSON.stringify({ key: await exportPKCS8(key.privateKey), payload, kid: key.kid });
  return execFileSync(python, ['-c', program], { input, encoding: 'utf8' }).trim();
}

const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123';
/** Each provider's settings, a token's claims as it issues them, what becomes of them, and a claim that breaks each of its rules. */
const providers = {
  auth0: {
    issuer: { provider: { id: 'auth0', fields: { tenantDomain: 'acme.eu.auth0.com', clientId: 'k3Jf0aQ', apiAudience: 'https://api.acme.example' }, offlineAccess: true, organization: 'org_1' } },
    claims: { iss: 'https://acme.eu.auth0.com/', sub: 'auth0|507f1f77', aud: ['https://api.acme.example', 'https://acme.eu.auth0.com/userinfo'], azp: 'k3Jf0aQ', scope: 'openid read:balance', org_id: 'org_1', permissions: ['write:orders'] },
    permissions: ['openid', 'read:balance', 'write:orders'],
    bad: [
      [{ iss: 'https://acme.eu.auth0.com' }, 'iss-mismatch'], [{ aud: 'other' }, 'aud-mismatch', 'set-audience', 'other', '/issuers/0/provider/fields/apiAudience'],
      [{ azp: 'other' }, 'client-mismatch', 'set-client', 'other', '/issuers/0/provider/fields/clientId'],
      [{ org_id: 'org_2' }, 'organization-mismatch', 'set-organization', 'org_2', '/issuers/0/provider/organization'],
      [{ gty: 'client-credentials' }, 'machine-token'], [{ sub: 'k3Jf0aQ@clients' }, 'machine-token'],
    ],
  },
  clerk: {
    issuer: { provider: { id: 'clerk', fields: { instanceUrl: 'https://acme-12.clerk.accounts.dev', clientId: 'oauth1' } } },
    claims: { iss: 'https://acme-12.clerk.accounts.dev', sub: 'user_2P', sid: 'sess_2Q', azp: 'https://shop.example', sts: 'active', v: 2, fea: 'o:dashboard,o:teams', fva: [3, -1], o: { id: 'org_1', slg: 'acme', rol: 'admin', per: 'manage,read', fpm: '3,2' } },
    permissions: ['org:admin', 'org:dashboard:manage', 'org:dashboard:read', 'org:teams:read'],
    bad: [[{ azp: 'https://evil.example' }, 'client-mismatch', 'add-origin', 'https://evil.example', '/origins'], [{ sts: 'pending' }, 'provider-rule'], [{ v: 3 }, 'provider-rule'], [{ aud: 'x' }, 'aud-mismatch']],
  },
  cognito: {
    issuer: { issuer: pool, provider: { id: 'cognito', fields: { domain: 'acme.auth.eu-west-1.amazoncognito.com', clientId: '4b8l' } } },
    claims: { iss: pool, sub: 'aaaa-bbbb', aud: '4b8l', token_use: 'id', 'cognito:groups': ['gold'], 'cognito:username': 'ada', auth_time: now() - 60, email: 'ada@acme.example' },
    permissions: ['gold'],
    bad: [[{ token_use: 'refresh' }, 'provider-rule'], [{ aud: 'x' }, 'aud-mismatch'], [{ aud: undefined, token_use: 'access', client_id: 'x' }, 'client-mismatch', 'set-client', 'x', '/issuers/0/provider/fields/clientId'],
      [{ iss: `${pool}x` }, 'iss-mismatch', 'set-issuer', `${pool}x`, '/issuers/0/issuer']],
  },
  workos: {
    issuer: { provider: { id: 'workos', fields: { clientId: 'client_01H', organizationId: 'org_01H' } } },
    claims: { iss: 'https://api.workos.com/user_management/client_01H', sub: 'user_01H', sid: 'session_01H', org_id: 'org_01H', role: 'admin', permissions: ['posts:read'] },
    permissions: ['admin', 'posts:read'],
    bad: [[{ org_id: 'org_02' }, 'organization-mismatch', 'set-organization', 'org_02', '/issuers/0/provider/fields/organizationId'], [{ client_id: 'x' }, 'client-mismatch'], [{ iss: 'https://api.workos.com/user_management/x' }, 'iss-mismatch']],
  },
  firebase: {
    issuer: { provider: { id: 'firebase', fields: { projectId: 'acme-prod' } } },
    claims: { iss: 'https://securetoken.google.com/acme-prod', sub: 'u1', user_id: 'u1', aud: 'acme-prod', auth_time: now() - 60, firebase: { sign_in_provider: 'password' }, roles: ['gold'] },
    permissions: ['gold'],
    bad: [[{ auth_time: undefined }, 'provider-rule'], [{ auth_time: now() + 600 }, 'provider-rule'], [{ sub: 'x'.repeat(129) }, 'provider-rule'], [{ aud: 'acme-test' }, 'aud-mismatch', 'set-audience', 'acme-test', '/issuers/0/provider/fields/projectId']],
  },
};

describe('identity providers', () => {
  let server, api, environment, key, keySet;
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  before(async () => {
    key = await makeKey('RS256');
    keySet = await serveKeys(t, key);
    server = await startServer(t, { document: { config: { origins: ['https://shop.example'], signIn: { enforcement: 'optional', issuers: [] } }, tools: [], knowledge: [] } });
    api = await administrator(server);
    environment = `/environments/${server.acme.environment}`;
  });

  const claimsOf = (base, more = {}) => ({ iat: now(), exp: now() + 300, jti: 'j1', ...base, ...more });
  const verify = async (draft, token) => (await api.post(`${environment}/tokens/test`, { token, draft: { issuers: [draft] } })).body;

  test('the catalogue names exactly the fields that each provider is set up by', async () => {
    const { body } = await api.get('/providers');
    const fields = Object.fromEntries(body.items.map((one) => [one.id, one.fields.map((field) => `${field.name}${field.isRequired ? '' : '?'}`)]));
    assert.deepEqual(fields, {
      auth0: ['tenantDomain', 'clientId', 'apiAudience?'], clerk: ['instanceUrl', 'clientId'], cognito: ['domain', 'clientId'],
      workos: ['clientId', 'organizationId'], firebase: ['projectId'], oidc: ['issuer', 'clientId', 'audience?'],
    });
    const offline = body.items.filter((one) => one.offersOfflineAccess).map((one) => one.id);
    assert.deepEqual(offline, ['auth0', 'clerk', 'cognito'], 'offline access: these, and not WorkOS');
    for (const provider of body.items) {
      for (const field of provider.fields) assert.match(field.placeholder, new RegExp(field.pattern, 'u'), `${provider.id}.${field.name}: its own example`);
    }
  });

  for (const [id, { issuer, claims, permissions, bad }] of Object.entries(providers)) {
    const settings = () => ({ name: id, mode: 'key-set', keySetUrl: keySet.url, ...issuer });

    test(`${id}: its tokens are taken, by jose and by PyJWT, from a key-set URL and from pasted keys`, async () => {
      for (const draft of [settings(), { ...settings(), keySetUrl: undefined, keys: { keys: [key.publicJwk] } }]) {
        for (const token of [await key.sign(claimsOf(claims)), await pyjwt(key, claimsOf(claims))]) {
          const verdict = await verify(draft, token);
          assert.equal(verdict.verified, true, JSON.stringify(verdict));
          assert.equal(verdict.provider, id);
          assert.equal(verdict.identity.sub, claims.sub);
          assert.deepEqual(verdict.permissions, permissions);
          assert.equal(verdict.key.source, draft.keySetUrl ? 'fetched' : 'pasted');
        }
      }
    });

    for (const [change, detail, kind, value, pointer] of bad) {
      test(`${id}: ${detail} for ${JSON.stringify(change).slice(0, 60)}`, async () => {
        const verdict = await verify(settings(), await key.sign(claimsOf(claims, change)));
        assert.deepEqual([verdict.verified, verdict.reason, verdict.detail], [false, 'bad-claim', detail], JSON.stringify(verdict));
        assert.ok(verdict.message.length > 0 && verdict.fix.length > 0);
        if (kind) assert.deepEqual([verdict.fixAction.kind, verdict.fixAction.value, verdict.fixAction.pointer], [kind, value, pointer]);
      });
    }
  }

  test('saved by its fields, a provider verifies visitors, and reads back as it was written', async () => {
    const settings = { name: 'auth0', mode: 'key-set', keySetUrl: keySet.url, ...providers.auth0.issuer };
    const { body } = await api.post(`${environment}/issuers`, settings);
    assert.deepEqual(body, settings);
    await server.settled();
    const key_ = await server.newSecretKey();
    const token = await key.sign(claimsOf(providers.auth0.claims));
    const response = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${key_}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
    const verified = await response.json();
    assert.equal(verified.verified, true, JSON.stringify(verified));
    const { etag } = await api.get(`${environment}/issuers/auth0`);
    await api.delete(`${environment}/issuers/auth0`, { ifMatch: etag });
  });

  test('what a provider decides cannot stand beside it, and a misspelt field is refused with its place', async () => {
    for (const [change, pointer] of [[{ audiences: ['x'] }, '/audiences'], [{ issuer: 'https://x.example' }, '/issuer'], [{ provider: { id: 'auth0', fields: { tenantDomain: 'a.b', clientID: 'c' } } }, '/provider/fields/clientID'],
      [{ provider: { id: 'workos', fields: { clientId: 'c', organizationId: 'o' }, offlineAccess: true } }, '/provider/offlineAccess']]) {
      const { body } = await api.post(`${environment}/issuers`, { name: 'x', mode: 'key-set', ...providers.auth0.issuer, ...change }, { status: 422, unchecked: true });
      assert.equal(body.errors[0].pointer, pointer);
    }
  });

  test('preview: fields become settings', async () => {
    const preview = async (issuer, more = {}) => (await api.post(`${environment}/issuers/preview`, { issuer: { name: 'x', mode: 'key-set', ...issuer }, ...more })).body;
    const auth0 = await preview(providers.auth0.issuer);
    assert.equal(auth0.isUsable, true);
    assert.equal(auth0.expanded.issuer, 'https://acme.eu.auth0.com/');
    assert.equal(auth0.expanded.keySetUrl, 'https://acme.eu.auth0.com/.well-known/jwks.json');
    assert.deepEqual(auth0.expanded.audiences, ['k3Jf0aQ', 'https://api.acme.example']);
    const workos = await preview(providers.workos.issuer);
    assert.deepEqual([workos.expanded.issuer, ...workos.expanded.otherIssuers], ['https://api.workos.com/user_management/client_01H', 'https://api.workos.com']);
    const wrong = await preview({ provider: { id: 'auth0', fields: { tenantDomain: 'not a domain', clientId: 'c' } } });
    assert.equal(wrong.isUsable, false);
    assert.equal(wrong.problems[0].pointer, '/issuer/provider/fields/tenantDomain');
    const bare = await preview({ issuer: 'https://x.example' });
    assert.deepEqual(bare.problems.map((one) => one.code), ['key-set-missing']);
  });

  test('Cognito: a token names the user pool, the administrator confirms it, and only then it is pinned', async () => {
    const draft = { name: 'pool', mode: 'key-set', provider: providers.cognito.issuer.provider };
    const token = await key.sign(claimsOf(providers.cognito.claims));
    const preview = async (body) => (await api.post(`${environment}/issuers/preview`, body)).body;
    const first = await preview({ issuer: draft });
    assert.deepEqual([first.isUsable, first.problems[0].code, first.confirmation], [false, 'issuer-unconfirmed', null]);
    const unconfirmed = await verify(draft, token);
    assert.deepEqual([unconfirmed.reason, unconfirmed.detail], ['config-incomplete', 'issuer-unconfirmed'], 'no trust on first use');
    assert.deepEqual([unconfirmed.fixAction.kind, unconfirmed.fixAction.value, unconfirmed.fixAction.pointer], ['confirm-issuer', pool, '/issuers/0/issuer']);
    const second = await preview({ issuer: draft, token });
    assert.deepEqual(second.confirmation, { issuer: pool, region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEf123', keySetUrl: `${pool}/.well-known/jwks.json` });
    assert.equal(second.isUsable, false, 'it is the administrator who confirms');
    const confirmed = await preview({ issuer: { ...draft, issuer: second.confirmation.issuer } });
    assert.deepEqual([confirmed.isUsable, confirmed.expanded.keySetUrl], [true, `${pool}/.well-known/jwks.json`]);
    for (const [change, says] of [[{ iss: 'https://evil.example/eu-west-1_AbC' }, /no Cognito user pool/], [{ aud: 'other' }, /another app client/], [{ iss: pool.replaceAll('eu-west-1', 'us-east-1') }, /another region/]]) {
      const refused = await preview({ issuer: draft, token: await key.sign(claimsOf(providers.cognito.claims, change)) });
      assert.equal(refused.confirmation, null);
      assert.match(refused.problems[0].detail, says);
    }
    const unreadable = await preview({ issuer: draft, token: 'x.y.z' });
    assert.equal(unreadable.problems[0].pointer, '/token');
  });

  test('OpenID Connect: discovery when it is saved; tokens of a real provider are verified', async (t) => {
    const provider = await startProvider(t);
    const issuer = { name: 'company', mode: 'key-set', provider: { id: 'oidc', fields: { issuer: provider.issuer, clientId: provider.clientId } } };
    const { body: preview } = await api.post(`${environment}/issuers/preview`, { issuer });
    assert.equal(preview.isUsable, true, JSON.stringify(preview.problems));
    assert.equal(preview.discovery.keySetUrl, provider.keySetUrl);
    assert.equal(preview.discovery.offersPkceS256, true);
    assert.equal(preview.issuer.keySetUrl, provider.keySetUrl);
    const { body: saved } = await api.post(`${environment}/issuers`, issuer);
    assert.equal(saved.keySetUrl, provider.keySetUrl, 'pinned');
    const token = await provider.idToken('ada');
    const { body: verdict } = await api.post(`${environment}/tokens/test`, { token });
    assert.deepEqual([verdict.verified, verdict.identity?.sub, verdict.issuer], [true, 'ada', 'company'], JSON.stringify(verdict));
    const { etag } = await api.get(`${environment}/issuers/company`);
    await api.delete(`${environment}/issuers/company`, { ifMatch: etag });
  });

  test('OpenID Connect in a file: looked up when it is applied, and the same file again changes nothing', async (t) => {
    const provider = await startProvider(t);
    const file = join(server.directory, 'oidc.json');
    const config = { origins: ['https://shop.example'], signIn: { issuers: [{ name: 'company', mode: 'key-set', provider: { id: 'oidc', fields: { issuer: provider.issuer, clientId: 'chat' } } }] } };
    writeFileSync(file, JSON.stringify({ product: 'acme', environment: 'by-file', config }));
    const apply = async () => {
      const { status, stdout, stderr } = await run(['apply', '--data', server.data, '-f', file, '--allow-private-egress', '--json']);
      assert.equal(status, 0, stderr + stdout);
      return JSON.parse(stdout);
    };
    assert.equal((await apply()).changed, true);
    const { body } = await api.get('/products/acme/environments');
    const { id } = body.items.find((one) => one.name === 'by-file');
    const { body: issuer } = await api.get(`/environments/${id}/issuers/company`);
    assert.equal(issuer.keySetUrl, provider.keySetUrl, 'pinned');
    assert.equal((await apply()).changed, false);
    const { body: verdict } = await api.post(`/environments/${id}/tokens/test`, { token: await provider.idToken('bob') });
    assert.deepEqual([verdict.verified, verdict.identity?.sub], [true, 'bob'], JSON.stringify(verdict));
  });

  test('OpenID Connect: metadata of another issuer, or none, are not followed', async (t) => {
    const served = await serveJson(t, {});
    const origin = new URL(served.url).origin;
    const good = { issuer: origin, jwks_uri: `${origin}/keys`, code_challenge_methods_supported: ['S256'] };
    const asked = [];
    let metadata = good;
    served.answer = (request, response) => {
      asked.push(request.url);
      const isThere = metadata.servedAt === undefined || request.url === metadata.servedAt;
      response.writeHead(isThere ? 200 : 404, { 'Content-Type': 'application/json' });
      response.end(typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
    };
    const issuer = (url = origin) => ({ name: 'company', mode: 'key-set', provider: { id: 'oidc', fields: { issuer: url, clientId: 'chat' } } });
    const code = async (url) => (await api.post(`${environment}/issuers/preview`, { issuer: issuer(url) })).body.problems[0]?.code;
    assert.equal(await code(), undefined);
    metadata = { ...good, issuer: `${origin}/` };
    assert.equal(await code(), 'discovery-issuer-mismatch');
    const { body } = await api.post(`${environment}/issuers`, issuer(), { status: 422 });
    assert.deepEqual([body.type, body.errors[0].pointer], ['urn:chatelaine:problem:discovery-issuer-mismatch', '/provider/fields/issuer']);
    metadata = { ...good, jwks_uri: 'file:///etc/passwd' };
    assert.equal(await code(), 'discovery-no-keys');
    metadata = 'no JSON';
    assert.equal(await code(), 'discovery-not-json');
    metadata = { ...good, servedAt: '/nowhere' };
    assert.equal(await code(), 'discovery-status');
    assert.equal(await code('http://127.0.0.1:1'), 'discovery-unreachable');
    assert.equal(await code('http://169.254.169.254'), 'discovery-unreachable', 'metadata services stay out of reach');
    asked.length = 0;
    metadata = { ...good, issuer: `${origin}/tenant`, servedAt: '/.well-known/oauth-authorization-server/tenant' };
    assert.equal(await code(`${origin}/tenant`), undefined, 'RFC 8414 beside it');
    assert.deepEqual(asked, ['/tenant/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/tenant']);
  });
});
