// SPDX-License-Identifier: Apache-2.0
// Input that no honest client sends, for every frame and every route: each is refused by name, the connection and the
// server live on. (What breaks HTTP itself is in the http tests.)
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { chatOnce, connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { examples } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';
import { ada, signWithSecret } from './lib/tokens.mjs';

function group() {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

const t = group();
let server;
before(async () => {
  server = await startServer(t, { document: environmentDocument() });
});

describe('frames', () => {
  /** What is said is answered by `error` with this code, and the chat goes on. */
  async function assertAnswered(context, said, code) {
    const client = await connect(context, server);
    for (const one of [said].flat()) client.socket.send(typeof one === 'string' ? one : JSON.stringify(one));
    const frame = await client.expect('error');
    assert.equal(frame.code, code);
    assert.match((await client.ask('what are your business hours?')).text, /9:00/);
  }
  const refused = (name, said, code) => test(`${name}: ${code}`, (context) => assertAnswered(context, said, code));

  refused('not JSON', 'hello', 'malformed-frame');
  refused('empty', '', 'malformed-frame');
  refused('a list', '[]', 'malformed-frame');
  refused('a number', '7', 'malformed-frame');
  refused('null', 'null', 'malformed-frame');
  refused('cut short', '{"type":"message.send","id":"1","text":"he', 'malformed-frame');
  refused('two objects', '{"type":"message.stop","id":"1"}{"type":"message.stop","id":"2"}', 'malformed-frame');
  refused('a member twice', '{"type":"message.send","id":"1","text":"a","text":"b"}', 'malformed-frame');
  refused('a NUL in a text', '{"type":"message.send","id":"1","text":"a\\u0000b"}', 'malformed-frame');
  refused('half a surrogate pair', '{"type":"message.send","id":"1","text":"\\ud800"}', 'malformed-frame');
  refused('deep nesting', `{"type":"message.send","id":"1","text":"a","x":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'malformed-frame');
  refused('no type', { id: '1' }, 'malformed-frame');
  refused('type is a number', { type: 7, id: '1' }, 'malformed-frame');
  refused('an unknown type', { type: 'message.sendd', id: '1', text: 'x' }, 'unknown-type');
  refused('a server’s type', { type: 'assistant.done', id: '1' }, 'unknown-type');
  refused('a type of a thousand characters', { type: 'x'.repeat(1000), id: '1' }, 'unknown-type');
  refused('no id', { type: 'message.send', text: 'hello' }, 'id-missing');
  refused('an empty id', { type: 'message.send', id: '', text: 'hello' }, 'id-missing');
  refused('id is a number', { type: 'message.send', id: 7, text: 'hello' }, 'id-missing');
  refused('an id of 65 characters', { type: 'message.send', id: 'x'.repeat(65), text: 'hello' }, 'id-missing');
  refused('no text', { type: 'message.send', id: '1' }, 'text-missing');
  refused('an empty text', { type: 'message.send', id: '1', text: '' }, 'text-missing');
  refused('a text of spaces', { type: 'message.send', id: '1', text: ' \n\t ' }, 'text-missing');
  refused('text is an object', { type: 'message.send', id: '1', text: { a: 1 } }, 'malformed-frame');
  refused('a text over the limit', { type: 'message.send', id: '1', text: 'x'.repeat(4001) }, 'text-too-long');
  refused('resuming what does not exist', { type: 'conversation.resume', id: '1', conversation: 'conv_x', lastSeq: 0 }, 'conversation-not-found');
  refused('resuming with SQL', { type: 'conversation.resume', id: '1', conversation: "' OR 1=1 --", resumeKey: "' OR 1=1 --", lastSeq: 0 }, 'conversation-not-found');
  refused('resuming without a conversation', { type: 'conversation.resume', id: '1', lastSeq: 0 }, 'malformed-frame');
  refused('lastSeq is a text', { type: 'conversation.resume', id: '1', conversation: 'conv_x', lastSeq: '0' }, 'malformed-frame');
  refused('lastSeq is negative', { type: 'conversation.resume', id: '1', conversation: 'conv_x', lastSeq: -1 }, 'malformed-frame');
  refused('lastSeq is out of range', '{"type":"conversation.resume","id":"1","conversation":"conv_x","lastSeq":1e400}', 'malformed-frame');
  refused('a token that is an object', { type: 'auth.upgrade', id: '1', token: {} }, 'malformed-frame');

  test('4,000 characters are let through, however many bytes they are', async (context) => {
    const client = await connect(context, server);
    const text = '🗝'.repeat(2000);
    const { accepted } = await client.ask(text);
    assert.equal(accepted.message.text, text);
  });

  test('every member of every frame with a value of each wrong type: an answer, never a broken connection', async (context) => {
    const client = await connect(context, server);
    const clientFrames = [...examples.values()].filter((frame) => !('seq' in frame));
    assert.ok(clientFrames.length >= 8);
    for (const example of clientFrames) {
      for (const member of Object.keys(example).filter((name) => name !== 'type' && name !== 'id')) {
        for (const value of [null, true, 7, -1, 1.5, 'x', '', [], {}, 'x'.repeat(30_000)]) {
          client.send(example.type, { ...example, id: 'h', [member]: value });
          let frame;
          do frame = await client.next(); while (frame.id !== 'h' && frame.code !== 'malformed-frame'); // the answer repeats the id, where it could be read
          if (example.type === 'message.send' && frame.type === 'message.accepted') await client.until('assistant.done', 'auth.required');
        }
      }
    }
    assert.match((await client.ask('what are your business hours?')).text, /9:00/);
  });

  test('text that cannot be kept: NUL, half a surrogate pair: the frame is refused', async (context) => {
    const client = await connect(context, server);
    for (const text of ['a\u0000b', '\ud800']) {
      client.send('message.send', { text });
      assert.equal((await client.expect('error')).code, 'malformed-frame');
    }
    assert.match((await client.ask('what are your business hours?')).text, /9:00/);
  });

  test('binary frames, unmasked frames and messages without end close the connection, with the right code', async (context) => {
    const binary = await connect(context, server);
    binary.socket.send(randomBytes(20));
    assert.equal(await binary.closed, 1003);
    const huge = await connect(context, server);
    huge.socket.send('x'.repeat(300_000));
    assert.equal(await huge.closed, 1009);
    const unmasked = await connect(context, server);
    unmasked.socket.send('{"type":"message.stop","id":"1"}', { mask: false });
    assert.equal(await unmasked.closed, 1002);
  });

  test('a thousand frames at once are answered in their order', async (context) => {
    const client = await connect(context, server);
    const ids = Array.from({ length: 1000 }, () => client.send('message.stop'));
    for (const id of ids) assert.equal((await client.expect('message.stopped')).id, id);
  });

  test('text that means something elsewhere is only text', async (context) => {
    const client = await connect(context, server);
    for (const text of ['<script>alert(1)</script>', '{{constructor}}', '${7*7} #{7*7}', '../../etc/passwd', '\u202e\u0007', '%00%0a', "Robert'); DROP TABLE messages;--"]) {
      const { accepted } = await client.ask(text);
      assert.equal(accepted.message.text, text);
    }
    const again = await connect(context, server);
    assert.equal((await again.resume(client.conversation, 0, client.resumeKey)).messages.length, 14);
  });
});

describe('routes', () => {
  const problem = async (response, status) => {
    assert.equal(response.status, status, await response.clone().text());
    assert.match(response.headers.get('content-type'), /^application\/problem\+json/);
    const body = await response.json();
    assert.equal(body.status, status);
    assert.equal(typeof body.title, 'string');
    return body;
  };

  test('what is not there, and what may not be done', async () => {
    await problem(await server.fetch('/nowhere'), 404);
    await problem(await server.fetch('/v1/../etc/passwd'), 404);
    const wrong = await server.fetch('/v1/chat', { method: 'DELETE' });
    await problem(wrong, 405);
    assert.match(wrong.headers.get('allow'), /POST/);
    await problem(await server.fetch('/healthz', { method: 'POST' }), 405);
  });

  test('no key, an unknown key, a key of the wrong kind', async () => {
    for (const path of ['/sdk/config', '/v1/conversations']) {
      await problem(await server.fetch(path), 401);
      await problem(await server.fetch(path, { key: 'pk_unknown' }), 401);
      await problem(await server.fetch(path, { key: `pk_${'x'.repeat(5000)}` }), 401);
      await problem(await server.fetch(path, { key: "pk_' OR 1=1 --" }), 401);
      assert.equal((await problem(await server.fetch(path, { key: 'sk_secret' }), 403)).title, 'key-not-publishable');
    }
  });

  test('POST /v1/chat: bodies that are none', async () => {
    const { publishableKey: key } = server.acme;
    const post = (body, type = 'application/json') => server.fetch('/v1/chat', { method: 'POST', key, body, headers: { 'Content-Type': type } });
    for (const body of ['', 'x', '[]', '{"id":"1"', '{"id":"1","id":"2","text":"x"}', `{"id":"1","text":${'['.repeat(3000)}${']'.repeat(3000)}}`, Buffer.from([0x7b, 0xff, 0x7d])]) {
      const response = await post(body);
      assert.ok([400, 422].includes(response.status), `${response.status} for ${String(body).slice(0, 40)}`);
      assert.match(response.headers.get('content-type'), /^application\/problem\+json/);
    }
    assert.equal((await post('x'.repeat(2 << 20))).status, 413);
    assert.equal((await chatOnce(server, { text: '' })).of('error').code, 'text-missing');
    assert.equal((await chatOnce(server, { text: 7 })).problem.title, 'malformed-body');
  });

  test('an Authorization header that is none leaves the visitor anonymous or is refused, and never breaks', async () => {
    for (const value of ['Basic YTpi', 'Bearer', 'Bearer ', 'bearer x', 'Bearer a b', `Bearer ${'.'.repeat(100)}`, `Bearer ${'a'.repeat(10_000)}`]) {
      const response = await server.fetch('/v1/chat', {
        method: 'POST', key: server.acme.publishableKey, headers: { Authorization: value, 'Content-Type': 'application/json' },
        body: JSON.stringify({ id: String(Math.random()), text: 'what are your business hours?' }),
      });
      assert.ok([200, 400, 401].includes(response.status), `${response.status} for ${value.slice(0, 20)}`);
      await response.text();
    }
    assert.equal((await server.fetch('/healthz')).status, 200);
  });

  test('POST /v1/verify: bodies that are none', async () => {
    const secretKey = await server.newSecretKey();
    await server.settled();
    const post = (body) => server.fetch('/v1/verify', { method: 'POST', body, headers: { Authorization: `Bearer ${secretKey}` } });
    for (const body of ['x', '[]', '{"token":', '{"token":7}', '{"token":["a"]}', '{"token":"a","token":"b"}', `{"token":${'['.repeat(3000)}${']'.repeat(3000)}}`, Buffer.from([0x7b, 0xff, 0x7d])])
      await problem(await post(body), 400);
    assert.equal((await (await post('{}')).json()).reason, 'missing-token');
    assert.equal((await (await post('{"token":null}')).json()).reason, 'missing-token');
    await problem(await post(`{"token":"${'x'.repeat(1 << 20)}"}`), 413);
  });

  test('history: pages that are none, conversations that are none', async () => {
    const secret = await server.newSecret('acme');
    await server.settled();
    const headers = { Authorization: `Bearer ${await signWithSecret(secret, ada())}` };
    const get = (path) => server.fetch(path, { key: server.acme.publishableKey, headers });
    assert.deepEqual(await (await get('/v1/conversations')).json(), { conversations: [], next: null });
    for (const after of ['x', "' OR 1=1 --", 'conv_00000000000000000000000000000000', '%00', '%F0%9F', '../..', 'a'.repeat(2000)]) {
      const { status } = await get(`/v1/conversations?after=${after}`);
      assert.equal(status, 400, after);
    }
    const { conversation } = await chatOnce(server, { text: 'what are your business hours?', token: headers.Authorization.slice(7) });
    for (const id of ['x', "'--", 'conv_00000000000000000000000000000000', 'a'.repeat(2000)])
      await problem(await get(`/v1/conversations/${id}/messages`), 404);
    for (const after of ['x', '-1', '1.5', '99999999999999999999', '0x1'])
      await problem(await get(`/v1/conversations/${conversation}/messages?after=${after}`), 400);
    assert.equal((await (await get(`/v1/conversations/${conversation}/messages?after=1`)).json()).messages.length, 1);
    await problem(await server.fetch('/v1/conversations', { key: server.acme.publishableKey, headers: { Authorization: 'Bearer x' } }), 401);
  });
});
