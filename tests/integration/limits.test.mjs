// SPDX-License-Identifier: Apache-2.0
// Rate limits: a flood is refused, whoever is beside it is served, and Retry-After tells the truth. Addresses come by
// X-Forwarded-For from a trusted peer (this test), as they would from a load balancer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { chatOnce, connect } from './lib/client.mjs';
import { environmentDocument, hmacIssuer } from './lib/document.mjs';
import { plainBinary, startServer } from './lib/server.mjs';
import { ada, bob, signWithSecret } from './lib/tokens.mjs';
import { residentMemory } from './lib/wire.mjs';

const flooder = '203.0.113.7';
const honest = '198.51.100.9';
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function start(t, { args = [], limits, issuers = [hmacIssuer()], ...more } = {}) {
  let secret;
  const server = await startServer(t, {
    document: environmentDocument({ issuers, config: limits ? { limits } : {} }),
    args: [...(args.includes('--trusted-proxies') ? [] : ['--trusted-proxies', '127.0.0.1']), ...args],
    prepare: async (one) => (secret = await one.newSecret('acme')),
    ...more,
  });
  const key = server.acme.publishableKey;
  return {
    server, secret, key,
    from: (address, path = '/sdk/config', options = {}) => server.fetch(path, { key, ...options, headers: { 'X-Forwarded-For': address, ...options.headers } }),
    metric: async (name) => {
      const text = await (await server.fetch('/metrics')).text();
      return Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1]);
    },
    connect: (address) => connect(t, server, { headers: { 'X-Forwarded-For': address } }),
  };
}

/** Asks until it is refused; how many were let through, and the refusal. */
async function flood(ask, most = 5000) {
  for (let passed = 0; passed < most; passed++) {
    const response = await ask();
    if (response.status === 429) return { passed, response };
    await response.arrayBuffer();
  }
  throw new Error('nothing was refused');
}

test('one address floods: it is told to wait, whoever is beside it is served, and after Retry-After it passes', async (t) => {
  const { from, metric, server } = await start(t, { args: ['--rate-limit', '2'] });
  const { passed, response } = await flood(() => from(flooder));
  assert.ok(passed >= 20 && passed < 40, `${passed} passed: twenty at once, and two a second`);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = await response.json();
  assert.equal(problem.type, 'urn:chatelaine:problem:rate-limited');
  assert.equal(problem.status, 429);
  assert.match(problem.detail, /^Too many requests from this address\. Try again in \d+ seconds?\.$/);
  const seconds = Number(response.headers.get('retry-after'));
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 2);
  assert.match(response.headers.get('ratelimit'), /^"address";r=0;t=\d+$/);

  for (let i = 0; i < 10; i++) assert.equal((await from(honest)).status, 200);
  assert.equal((await server.fetch('/healthz')).status, 200, 'this machine itself is not counted');
  assert.ok((await metric('chatelaine_rate_limited_total{limit="address"}')) >= 1);
  await sleep(seconds * 1000);
  assert.equal((await from(flooder)).status, 200);
});

test('with several front threads a limit is the same', async (t) => {
  const { server } = await start(t, { args: ['--rate-limit', '1', '--threads', '4'] });
  const passed = [];
  await Promise.all(Array.from({ length: 16 }, async () => { // sixteen connections: the kernel spreads them over the threads
    for (let i = 0; i < 20; i++) {
      const response = await server.fetch('/healthz', { headers: { 'X-Forwarded-For': flooder } });
      if (response.status === 200) passed.push(1);
      await response.arrayBuffer();
    }
  }));
  assert.ok(passed.length >= 10 && passed.length <= 20, `${passed.length}: ten at once and one a second, not so many a thread`);
});

test('the PROXY protocol names the address, too, where the peer is trusted', async (t) => {
  const { server } = await start(t, { args: ['--rate-limit', '1', '--trusted-proxies', '127.0.0.2', '--proxy-protocol'] });
  const statuses = async (address, count) => {
    const socket = connectSocket({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    await once(socket, 'connect');
    socket.write(`PROXY TCP4 ${address} 192.0.2.1 4000 443\r\n${'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count - 1)}GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const bytes of socket) text += bytes;
    return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
  };
  const flooded = await statuses(flooder, 30);
  assert.equal(flooded.length, 30);
  assert.ok(flooded.filter((status) => status === '200').length <= 12);
  assert.ok((await statuses(flooder, 1)).includes('429'), 'also on another connection');
  assert.deepEqual(await statuses(honest, 3), ['200', '200', '200']);
});

test('IPv6 is counted by network: whoever has 2^64 addresses is one', async (t) => {
  const { from } = await start(t, { args: ['--rate-limit', '1'] });
  let n = 0;
  const { passed } = await flood(() => from(`2001:db8:1:2::${(++n).toString(16)}`));
  assert.ok(passed < 20, `${passed} of one /64 passed`);
  assert.equal((await from('2001:db8:1:3::1')).status, 200);
  n = 0;
  const wide = await flood(() => from(`2001:db8:7:${(++n).toString(16)}::1`));
  assert.ok(wide.passed >= 80 && wide.passed < 130, `${wide.passed} of one /48 passed: eight times as many`);
});

test('a page may read the refusal: it is no broken connection', async (t) => {
  const { from } = await start(t, { args: ['--rate-limit', '1'] });
  const { response } = await flood(() => from(flooder, '/sdk/config', { headers: { Origin: 'https://acme.example' } }));
  assert.equal(response.headers.get('access-control-allow-origin'), 'https://acme.example');
  assert.match(response.headers.get('access-control-expose-headers'), /Retry-After/);
});

test('forged tokens: after some of them none is looked at any more, and those who are signed in go on', async (t) => {
  const { from, secret, metric } = await start(t, { args: ['--rate-limit-failures', '5', '--threads', '1'] });
  const authorize = (address, token) => from(address, '/v1/authorize', { headers: { Authorization: `Bearer ${token}` } });
  const good = await signWithSecret(secret, ada());
  const expired = await signWithSecret(secret, ada({ exp: 1000 }));
  assert.equal((await authorize(flooder, good)).status, 200);
  for (let i = 0; i < 10; i++) assert.equal((await authorize(flooder, expired)).status, 401, 'an expired token is nobody’s attack');
  let n = 0;
  const { passed, response } = await flood(async () => authorize(flooder, await signWithSecret(`guess number ${++n} of a secret that is long`, ada())), 20);
  assert.equal(passed, 5);
  assert.match((await response.json()).detail, /forged tokens/);
  assert.equal((await authorize(flooder, good)).status, 200, 'a token that was found good before');
  const fresh = await signWithSecret(secret, bob());
  assert.equal((await authorize(flooder, fresh)).status, 429);
  assert.equal((await authorize(honest, fresh)).status, 200);
  assert.ok((await metric('chatelaine_rate_limited_total{limit="failures"}')) >= 2);
});

test('guessed keys: the same, for publishable and secret ones', async (t) => {
  const { server, from } = await start(t, { args: ['--rate-limit-failures', '4', '--threads', '1'] });
  let n = 0;
  assert.equal((await from(honest)).status, 200); // the server has the key in use
  const guess = () => server.fetch('/v1/verify', { method: 'POST', body: '{}', headers: { 'X-Forwarded-For': flooder, Authorization: `Bearer sk_guess${++n}` } });
  assert.equal((await flood(guess, 20)).passed, 4);
  assert.equal((await from(flooder, '/sdk/config', { key: 'pk_guess' })).status, 429);
  assert.equal((await from(flooder)).status, 200, 'a key that is known');
});

test('sign-ins over a WebSocket: too many forged tokens', async (t) => {
  const { connect, secret } = await start(t, { args: ['--rate-limit-failures', '3'] });
  const client = await connect(flooder);
  for (let i = 0; i < 3; i++) {
    client.send('auth.upgrade', { token: await signWithSecret(`guess number ${i} of a secret that is long`, ada()) });
    assert.equal((await client.expect('auth.failed')).reason, 'bad-signature');
  }
  const id = client.send('auth.upgrade', { token: await signWithSecret(secret, ada()) });
  const refused = await client.expect('error');
  assert.deepEqual([refused.id, refused.code], [id, 'rate-limited']);
  assert.ok(refused.retryAfter >= 1 && refused.retryAfter <= 20);
  const beside = await connect(honest);
  beside.send('auth.upgrade', { token: await signWithSecret(secret, ada()) });
  await beside.expect('auth.upgraded');
});

test('a backend with a secret key is not limited as one address, but as its environment', async (t) => {
  const { server, secret, metric } = await start(t, { args: ['--rate-limit', '1', '--rate-limit-failures', '1'], limits: { requestsPerSecond: 60 } });
  const secretKey = await server.newSecretKey();
  await server.settled();
  const forged = await signWithSecret('not the secret that this environment has', ada());
  const good = await signWithSecret(secret, ada());
  const verify = (token) => server.fetch('/v1/verify', { method: 'POST', body: JSON.stringify({ token }), headers: { 'X-Forwarded-For': flooder, Authorization: `Bearer ${secretKey}` } });
  for (let i = 0; i < 15; i++) assert.equal((await (await verify(forged)).json()).verified, false);
  for (let i = 0; i < 15; i++) assert.equal((await (await verify(good)).json()).verified, true);
  const front = () => server.fetch('/v1/authorize', { key: secretKey, headers: { 'X-Forwarded-For': flooder, Authorization: `Bearer ${good}` } });
  for (let i = 0; i < 15; i++) assert.equal((await front()).status, 200, 'a front that shows a secret key');
  const many = await Promise.all(Array.from({ length: 200 }, front));
  const refused = many.find((response) => response.status === 429);
  assert.ok(refused, 'the environment’s own limit holds');
  assert.match((await refused.json()).detail, /to this environment/);
  await sleep(1000 * Number(refused.headers.get('retry-after')));
  assert.equal((await front()).status, 200);
  assert.equal(await metric('chatelaine_rate_limited_total{limit="address"}'), 0);
});

/** Writes until it is told to wait: { answered, refused, id }. On a slow machine time earns a message or the other meanwhile. */
async function writeMuch(client, most) {
  for (let answered = 0; answered <= most; answered++) {
    const id = client.send('message.send', { text: 'business hours' });
    const { frame } = await client.until('assistant.done', 'error');
    if (frame.type === 'error') return { answered, refused: frame, id };
  }
  throw new Error(`${most} were answered, and none refused`);
}

test('a visitor writes too much: told in how many seconds, and the message sent again then is answered', async (t) => {
  const { connect, secret } = await start(t, { limits: { visitorMessagesPerMinute: 30 } });
  const client = await connect(flooder);
  client.send('auth.upgrade', { token: await signWithSecret(secret, ada()) });
  await client.expect('auth.upgraded');
  const { answered, refused, id } = await writeMuch(client, 50);
  assert.ok(answered >= 30, `${answered} were answered`);
  assert.deepEqual([refused.id, refused.code], [id, 'rate-limited']);
  assert.match(refused.message, /^Too many messages\. Try again in \d seconds?\.$/);

  const elsewhere = await connect(honest); // the same visitor from another place, another visitor from the same
  elsewhere.send('auth.upgrade', { token: await signWithSecret(secret, ada()) });
  await elsewhere.expect('auth.upgraded');
  const there = await writeMuch(elsewhere, 20);
  assert.equal(there.refused.code, 'rate-limited');
  const other = await connect(flooder);
  other.send('auth.upgrade', { token: await signWithSecret(secret, bob()) });
  await other.expect('auth.upgraded');
  assert.match((await other.ask('business hours')).text, /9:00/);

  await sleep(there.refused.retryAfter * 1000);
  assert.match((await client.ask('business hours', { id })).text, /9:00/);
});

test('anonymous floods leave half of the environment to those who are signed in', async (t) => {
  const { connect, secret, server } = await start(t, { limits: { messagesPerMinute: 20 } });
  const client = await connect(flooder);
  const { answered, refused } = await writeMuch(client, 20);
  assert.ok(answered >= 10, `${answered} were answered`);
  assert.match(refused.message, /the chat has too many messages/i);
  const signedIn = await connect(honest);
  signedIn.send('auth.upgrade', { token: await signWithSecret(secret, ada()) });
  await signedIn.expect('auth.upgraded');
  assert.match((await signedIn.ask('business hours')).text, /9:00/);
  let events;
  for (let i = 0; i < 10 && !events?.of('error'); i++) events = await chatOnce(server, { id: `m${i}`, text: 'business hours' });
  assert.equal(events.of('error').code, 'rate-limited', 'POST /v1/chat says it the same way');
  assert.ok(events.of('error').retryAfter >= 1);
});

test('frames without end: told to wait, then let go with 1013', async (t) => {
  const { connect } = await start(t, { args: ['--rate-limit', '1'] });
  const client = await connect(flooder);
  for (let i = 0; i < 400; i++) client.socket.send(JSON.stringify({ type: 'message.stop', id: `${i}` }));
  assert.equal(await client.closed, 1013);
  assert.ok(client.frames.filter((frame) => frame.code === 'rate-limited').length >= 90);
});

test('no limit by address where the operator wants none', async (t) => {
  const { from } = await start(t, { args: ['--rate-limit', '0', '--rate-limit-failures', '0'] });
  for (let i = 0; i < 600; i++) {
    const response = await from(flooder, '/healthz');
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  }
});

test('a million addresses from a trusted peer: memory is bounded, and the limits still hold', { timeout: 120_000 }, async (t) => {
  const { server, from } = await start(t, { args: ['--rate-limit', '1', '--threads', '1'], program: plainBinary }); // a sanitizer keeps what was freed
  await flood(() => from(flooder));
  const before = residentMemory(server.pid);
  const count = process.env.LIMITS_ADDRESSES ? Number(process.env.LIMITS_ADDRESSES) : 1_000_000;
  const socket = connectSocket(server.port, '127.0.0.1');
  let answers = 0;
  let refused = 0;
  let rest = '';
  socket.setEncoding('latin1').on('data', (text) => {
    rest += text;
    for (let at; (at = rest.indexOf('HTTP/1.1 ', 1)) > 0; rest = rest.slice(at)) {
      answers++;
      if (rest.startsWith('HTTP/1.1 429')) refused++;
    }
  });
  await once(socket, 'connect');
  const begun = Date.now();
  let asked = 0;
  const stranger = (n) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  while (asked < count && Date.now() - begun < 60_000) {
    let batch = '';
    for (let i = 0; i < 500; i++) batch += `GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${stranger(asked++)}\r\n\r\n`;
    socket.write(batch);
    while (answers < asked - 500) await once(socket, 'data');
    if (asked % 100_000 === 0) assert.equal((await from(honest, '/healthz')).status, 200, 'an honest one beside it');
  }
  while (answers < asked - 1) await once(socket, 'data');
  socket.destroy();
  const grown = Math.round((residentMemory(server.pid) - before) / 1024);
  t.diagnostic(`${asked} addresses in ${Date.now() - begun} ms, ${refused} refused, ${grown} KiB more`);
  assert.ok(refused <= asked / 10_000, `${refused} strangers were refused`);
  assert.ok(grown < 16 * 1024, `${grown} KiB more than before`);
});
