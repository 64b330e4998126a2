// SPDX-License-Identifier: Apache-2.0
// What else stands on the surface: settings for pages, CORS, the widget's files, health, metrics, and how the server ends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { chatOnce, connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { Server, startServer } from './lib/server.mjs';
import { ada, serveJson, signWithSecret } from './lib/tokens.mjs';

const origin = 'https://acme.example';

/** A request as it is, without what fetch adds or unpacks. */
function raw(url, headers = {}, method = 'GET') {
  return new Promise((done, failed) => {
    const request = http.request(url, { method, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece)).on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }));
    });
    request.on('error', failed).end();
  });
}

describe('surface', () => {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  let server;
  let key;
  before(async () => {
    const document = environmentDocument({
      signIn: { signInUrl: 'https://acme.example/login' },
      config: { assistant: { kind: 'rules', greeting: 'Hello.', suggestions: ['What are your business hours?'] }, appearance: { title: 'Acme Bank', placeholder: 'Ask anything…', colors: { primary: '#0B6B5B' } } },
    });
    server = await startServer({ after: (end) => ends.push(end) }, { document });
    key = server.acme.publishableKey;
  });

  test('GET /sdk/config is as docs/protocol.md shows it', async () => {
    const response = await server.fetch('/sdk/config', { key, headers: { 'Chatelaine-Product': server.acme.product } });
    assert.equal(response.status, 200);
    const { chat, ...config } = await response.json();
    assert.deepEqual(config, {
      product: server.acme.product, environment: server.acme.environment, protocol: 1, session: '/v1/session',
      signIn: { enforcement: 'optional', signInUrl: 'https://acme.example/login' },
      assistant: { greeting: 'Hello.', suggestions: ['What are your business hours?'] },
      appearance: { title: 'Acme Bank', placeholder: 'Ask anything…', colors: { primary: '#0B6B5B' } },
      limits: { messageCharacters: 4000, tokenBytes: 16384 },
    });
    assert.match(chat, /^\/assets\/chat\.[0-9a-f]+\.js$/);
    for (const secret of ['issuers', 'sk_', 'whsec', 'acme.example/keys']) assert.equal(JSON.stringify(config).includes(secret), false);
  });

  test('a registered sign-in page is offered as a popup', async (t) => {
    const tool = { name: 'mine', title: 'Mine', description: 'Needs sign-in.', url: 'http://127.0.0.1:9/', access: 'sign-in', parameters: { type: 'object', properties: {} }, triggers: ['mine'], answer: 'Yours.' };
    await server.apply(environmentDocument({ signIn: { signInUrl: 'https://acme.example/login' }, tools: [tool] }), { environment: 'popup' });
    const client = await connect(t, server, { environment: server.environments['acme/popup'] });
    const { required } = await client.ask('what is mine?');
    assert.deepEqual(required.ways.find((way) => way.kind === 'popup'), { kind: 'popup', url: 'https://acme.example/login' });
  });

  test('enforcement "required": nobody is answered without a token, and the message waits', async (t) => {
    const document = environmentDocument({ signIn: { enforcement: 'required' } });
    await server.apply(document, { environment: 'strict' });
    const secret = await server.newSecret('acme', { environment: 'strict' });
    await server.settled();
    const client = await connect(t, server, { environment: server.environments['acme/strict'] });
    const { required } = await client.ask('what are your business hours?');
    assert.deepEqual([required.why, required.tool], ['required', undefined]);
    await client.identify(await signWithSecret(secret, ada()));
    assert.match((await client.turn()).text, /9:00/);
  });

  test('CORS: preflights, the request itself, and a page of elsewhere', async () => {
    const preflight = await server.fetch('/v1/chat', { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,chatelaine-key,content-type' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
    assert.match(preflight.headers.get('access-control-allow-headers').toLowerCase(), /authorization.*chatelaine-key/);
    assert.equal(preflight.headers.get('access-control-allow-credentials'), null);

    const chat = await chatOnce(server, { text: 'what are your business hours?', origin });
    assert.equal(chat.headers.get('access-control-allow-origin'), origin);
    const elsewhere = await chatOnce(server, { text: 'what are your business hours?', origin: 'https://evil.example' });
    assert.equal(elsewhere.status, 403);
    assert.equal(elsewhere.headers.get('access-control-allow-origin'), null);
    for (const path of ['/v1/verify', '/v1/authorize', '/metrics']) {
      const response = await server.fetch(path, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' } });
      assert.equal(response.headers.get('access-control-allow-origin'), null, `${path} is for servers`);
    }
  });

  test('the widget’s files: what the build made, compressed, cached by their hash', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../build/web/manifest.json', import.meta.url)));
    const hashed = Object.values(manifest.files ?? manifest).map((file) => file.path).filter((path) => /\.[0-9a-f]{8}\./.test(path));
    assert.ok(hashed.length > 0);
    for (const path of ['/widget.js', ...hashed]) {
      const built = readFileSync(new URL(`../../build/web${path}`, import.meta.url));
      const plain = await raw(server.url + path);
      assert.equal(plain.status, 200, path);
      assert.deepEqual(plain.body, built, path);
      assert.match(plain.headers['content-type'], /^text\/javascript; ?charset=utf-8$/i);
      assert.equal(plain.headers['cache-control'], path === '/widget.js' ? 'public, max-age=300' : 'public, max-age=31536000, immutable');
      assert.match(plain.headers.vary, /accept-encoding/i);
      const small = await raw(server.url + path, { 'Accept-Encoding': 'gzip' });
      assert.equal(small.headers['content-encoding'], 'gzip');
      assert.deepEqual(gunzipSync(small.body), built);
      const again = await raw(server.url + path, { 'If-None-Match': plain.headers.etag });
      assert.deepEqual([again.status, again.body.length], [304, 0]);
      const head = await raw(server.url + path, {}, 'HEAD');
      assert.deepEqual([head.status, head.body.length, head.headers['content-length']], [200, 0, String(built.length)]);
    }
  });

  test('what a page loads at once is at most 12 kB gzipped, the whole chat 60 kB', async () => {
    const { chat } = await (await server.fetch('/sdk/config', { key })).json();
    const size = async (path) => (await raw(server.url + path, { 'Accept-Encoding': 'gzip' })).body.length;
    const first = await size('/widget.js');
    assert.ok(first <= 12 * 1024, `${first} bytes`);
    assert.ok(first + (await size(chat)) <= 60 * 1024);
  });

  test('health, readiness and metrics', async (t) => {
    assert.equal((await server.fetch('/healthz')).status, 200);
    assert.equal((await server.fetch('/readyz')).status, 200);
    await (await connect(t, server)).ask('what are your business hours?');
    const response = await server.fetch('/metrics');
    assert.match(response.headers.get('content-type'), /^text\/plain/);
    const text = await response.text();
    for (const line of text.split('\n').filter((one) => one && !one.startsWith('#')))
      assert.match(line, /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? -?[0-9.eE+]+(Inf)?$/, line);
    assert.match(text, /^chatelaine_/m);
  });
});

test('SIGTERM: what has begun is finished, WebSockets are told, the exit status is 0', async (t) => {
  const slow = await serveJson(t, (request, response) => {
    setTimeout(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"value":"late"}'), 1500);
  });
  const tool = { name: 'slow', title: 'Slow', description: 'Takes its time.', url: slow.url, access: 'public', parameters: { type: 'object', properties: {} }, triggers: ['slow'], answer: 'It is {value}.' };
  const server = await startServer(t, { document: environmentDocument({ tools: [tool] }), prepare: (one) => one.newSecret('tools') });
  const idle = await connect(t, server);
  const answer = chatOnce(server, { text: 'slow' });
  await new Promise((done) => setTimeout(done, 500));
  const stopped = server.stop();
  assert.equal(await idle.closed, 1001);
  assert.equal((await answer).text, 'It is late.');
  await stopped;
});

test('two servers on one data directory serve the same conversation', async (t) => {
  const first = await startServer(t, { document: environmentDocument() });
  const second = new Server(first.directory, first.program);
  t.after(() => second.stop());
  await second.start(['--allow-private-egress']);
  const chat = await chatOnce(first, { text: 'what are your business hours?' });
  const more = await chatOnce(second, { environment: first.acme, text: 'what are your business hours?', conversation: chat.conversation, resumeKey: chat.resumeKey });
  assert.equal(more.conversation, chat.conversation);
  assert.equal(more.accepted.message.position, 3);
});

test('a change by the command line reaches the running server within a second or so', async (t) => {
  const server = await startServer(t, { document: environmentDocument() });
  const client = await connect(t, server);
  assert.match((await client.ask('what are your business hours?')).text, /9:00/);
  await server.apply(environmentDocument({ knowledge: [{ id: 'hours', title: 'Business hours', triggers: ['business hours'], text: 'Closed for the summer.' }] }));
  await server.settled();
  assert.match((await client.ask('what are your business hours?')).text, /Closed for the summer/);
});
