// SPDX-License-Identifier: Apache-2.0
// An identity provider's key-set address that rotates, dies, stalls and lies. `provider.mood` says how it answers the
// next request; `provider.keys` are the JWKs it publishes when it is well.
import { createServer } from 'node:http';

const json = { 'Content-Type': 'application/json' };
const page = '<!doctype html><title>Sign in</title><p>Please sign in to see this.';

const moods = {
  'well': (provider, request, response) => response.writeHead(200, { ...json, ...provider.headers }).end(provider.document),
  // ---- dies
  'status 500': (provider, request, response) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end('internal error'),
  'status 503': (provider, request, response) => response.writeHead(503, { 'Retry-After': '120' }).end(),
  'status 404': (provider, request, response) => response.writeHead(404, json).end('{"keys":[]}'),
  'status 403 with keys': (provider, request, response) => response.writeHead(403, json).end(provider.document),
  'status 304': (provider, request, response) => response.writeHead(304).end(),
  'status 204': (provider, request, response) => response.writeHead(204).end(),
  'connection reset': (provider, request) => request.socket.resetAndDestroy(),
  'half an answer': (provider, request, response) => {
    response.writeHead(200, { ...json, 'Content-Length': String(provider.document.length) });
    response.write(provider.document.slice(0, 20));
    setTimeout(() => request.socket.destroy(), 20);
  },
  // ---- stalls
  'accepts and never answers': () => {},
  'a byte a second': (provider, request, response) => {
    response.writeHead(200, json);
    let at = 0;
    const timer = setInterval(() => response.write(provider.document[at++ % provider.document.length]), 1000);
    request.socket.once('close', () => clearInterval(timer));
  },
  // ---- lies
  'HTML with 200': (provider, request, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(page),
  'HTML that says it is JSON': (provider, request, response) => response.writeHead(200, json).end(page),
  'the wrong content type': (provider, request, response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end(provider.document),
  'no content type': (provider, request, response) => response.writeHead(200).end(provider.document),
  'an array': (provider, request, response) => response.writeHead(200, json).end(JSON.stringify(provider.keys)),
  'keys that stand twice': (provider, request, response) => response.writeHead(200, json).end(`{"keys":[],${provider.document.slice(1)}`),
  'keys that are no list': (provider, request, response) => response.writeHead(200, json).end(JSON.stringify({ keys: { 0: provider.keys[0] } })),
  'ten megabytes': (provider, request, response) => response.writeHead(200, json).end(`${provider.document}${' '.repeat(10 << 20)}`),
  'depth without end': (provider, request, response) => response.writeHead(200, json).end(`{"keys":${'['.repeat(100_000)}`),
  'a redirect to itself': (provider, request, response) => response.writeHead(302, { Location: request.url }).end(),
  'a redirect to a metadata service': (provider, request, response) => response.writeHead(302, { Location: 'http://169.254.169.254/keys' }).end(),
  'a redirect to a file': (provider, request, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
  // ---- and these are all right
  'a redirect to the keys': (provider, request, response) =>
    (request.url.endsWith('?moved') ? moods.well(provider, request, response) : response.writeHead(302, { Location: `${request.url}?moved` }).end()),
  'no keys': (provider, request, response) => response.writeHead(200, json).end('{"keys":[]}'),
};

/** Moods in which there is no key set to be had. */
export const failures = Object.keys(moods).filter((mood) => !['well', 'a redirect to the keys', 'no keys'].includes(mood));

export async function startKeySetProvider(t, ...keys) {
  const provider = {
    keys, headers: {}, mood: 'well', requests: 0,
    next: [], // moods of the next requests, before `mood` holds again
    get document() {
      return JSON.stringify({ keys: this.keys.map((key) => key.publicJwk ?? key) });
    },
  };
  const server = createServer((request, response) => {
    provider.requests++;
    moods[provider.next.shift() ?? provider.mood](provider, request, response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  provider.url = `http://127.0.0.1:${server.address().port}/tenant-7/keys`;
  return provider;
}
