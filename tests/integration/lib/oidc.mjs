// SPDX-License-Identifier: Apache-2.0
// A real OpenID provider (npm `oidc-provider`) on loopback, and a visitor who signs in there as a browser would.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const redirectUri = 'https://acme.example/callback';
const people = { ada: { name: 'Ada Lovelace', email: 'ada@acme.example' }, bob: { name: 'Bob Martin', email: 'bob@acme.example' } };

/** Follows redirects with cookies, as a browser does, until one leads away from the provider. */
class Visitor {
  #cookies = new Map();

  async request(url, options = {}) {
    const response = await fetch(url, {
      ...options, redirect: 'manual',
      headers: { ...options.headers, cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  }
}

/** { issuer, keySetUrl, clientId, idToken(login) }; `algorithm` signs the ID tokens. */
export async function startProvider(t, { algorithm = 'RS256', clientId = 'chat' } = {}) {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid: 'provider-1' };
  const keys = [jwk];
  if (algorithm !== 'RS256') { // the provider insists on an RSA key among its own
    const rsa = await generateKeyPair('RS256', { extractable: true });
    keys.push({ ...(await exportJWK(rsa.privateKey)), alg: 'RS256', use: 'sig', kid: 'provider-rsa' });
  }
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId, client_secret: 'client-secret-of-the-test', redirect_uris: [redirectUri],
      id_token_signed_response_alg: algorithm, token_endpoint_auth_method: 'client_secret_post',
    }],
    jwks: { keys },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    enabledJWA: { idTokenSigningAlgValues: [...new Set(['RS256', algorithm])] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false, // name and email in the ID token itself
    findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    features: { devInteractions: { enabled: true } },
  });
  server.on('request', provider.callback());
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });

  async function idToken(login) {
    const visitor = new Visitor();
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope: 'openid profile email', state: 'state',
      nonce: 'nonce', code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });
    let response = await visitor.request(`${issuer}/auth?${query}`);
    for (let steps = 0; steps < 20; steps++) {
      if (response.status === 200) { // one of the provider's two forms: sign in, then consent
        const [, action] = /action="([^"]+)"/.exec(await response.clone().text());
        const prompt = /name="prompt" value="(\w+)"/.exec(await response.text())[1];
        response = await visitor.request(new URL(action, issuer), { method: 'POST', body: new URLSearchParams({ prompt, login, password: 'any' }) });
        continue;
      }
      const next = new URL(response.headers.get('location'), issuer);
      if (next.href.startsWith(redirectUri)) {
        const answer = await fetch(`${issuer}/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'authorization_code', code: next.searchParams.get('code'), redirect_uri: redirectUri, code_verifier: verifier,
            client_id: clientId, client_secret: 'client-secret-of-the-test',
          }),
        });
        return (await answer.json()).id_token;
      }
      response = await visitor.request(next);
    }
    throw new Error('the provider did not come to an end');
  }
  return { issuer, clientId, keySetUrl: `${issuer}/jwks`, idToken };
}
