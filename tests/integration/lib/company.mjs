// SPDX-License-Identifier: Apache-2.0
// A company's OpenID provider (npm `oidc-provider`) for single sign-on of administrators, and a browser that goes there and back.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';

/** `people`: { login: claims }. Gives { issuer, clientId, clientSecret, people, key, tamper }; `tamper(path, answer)` may return
 *  other text for an answer of the provider. */
export async function startCompany(t, { people, redirectUris, clientId = 'chatelaine', clientSecret = 'a secret with : and % in it', method = 'client_secret_basic' }) {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const company = { issuer, clientId, clientSecret, people, tamper: null, privateKey };
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris, token_endpoint_auth_method: method }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'company-1' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { openid: ['sub', 'groups'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    features: { devInteractions: { enabled: true } },
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (!company.tamper) return callback(request, response);
    const end = response.end.bind(response);
    response.end = (body, ...rest) => {
      const other = body && company.tamper(new URL(request.url, issuer).pathname, body.toString());
      if (typeof other !== 'string') return end(body, ...rest);
      response.removeHeader('content-length');
      return end(other);
    };
    return callback(request, response);
  });
  company.sign = (claims, { key = privateKey, kid = 'company-1', alg = 'RS256' } = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return company;
}

/** A browser: cookies for each origin, redirects one by one. */
export class Browser {
  #cookies = new Map();

  jar(url) {
    const { origin } = new URL(url);
    if (!this.#cookies.has(origin)) this.#cookies.set(origin, new Map());
    return this.#cookies.get(origin);
  }

  async request(url, options = {}) {
    const jar = this.jar(url);
    const response = await fetch(url, {
      ...options, redirect: 'manual', headers: { ...options.headers, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (/Max-Age=0/.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Begins at our server, signs in as `login`; gives the address that the provider sends the browser back to. */
  async go(server, login, query = '') {
    let response = await this.request(`${server.url}/admin/v1/session/single-sign-on/start${query}`);
    if (response.headers.get('location')?.startsWith('/')) return new URL(response.headers.get('location'), server.url);
    let url = new URL(response.headers.get('location'));
    this.asked = url;
    for (let steps = 0; steps < 20; steps++) {
      if (url.href.startsWith(server.url)) return url;
      response = await this.request(url);
      while (response.status === 200) {
        const page = await response.text();
        const action = new URL(/action="([^"]+)"/.exec(page)[1], url);
        const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
        response = await this.request(action, { method: 'POST', body: new URLSearchParams({ prompt, login, password: 'any' }) });
      }
      if (response.status >= 400) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      url = new URL(response.headers.get('location'), url);
    }
    throw new Error('the provider did not come to an end');
  }

  /** The whole way; gives where the browser ends on our server. */
  async signIn(server, login, query = '') {
    const back = await this.go(server, login, query);
    return back.pathname === '/sign-in' ? back.pathname + back.search : this.land(back);
  }

  async land(back) {
    const response = await this.request(back);
    return response.headers.get('location');
  }
}
