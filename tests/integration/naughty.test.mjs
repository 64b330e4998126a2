// SPDX-License-Identifier: Apache-2.0
// The list of naughty strings (tests/vectors/text), every one of them as a claim, as a member's name, as a message and as what is
// looked for: each comes back letter for letter, or is refused for a reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, signWithSecret } from './lib/tokens.mjs';

const strings = [...new Set(JSON.parse(readFileSync(new URL('../vectors/text/naughty-strings.json', import.meta.url), 'utf8')))];
const mayBeSubject = (text) => text !== '' && Buffer.byteLength(text) <= 512 && !/[\x00-\x1f\x7f]/.test(text) && !text.endsWith('@clients');

describe('naughty strings', () => {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  let server, secret, backendKey;
  before(async () => {
    server = await startServer({ after: (end) => ends.push(end) }, {
      document: environmentDocument({ config: { limits: { visitorMessagesPerMinute: 0, messagesPerMinute: 0 } } }),
      prepare: async (one) => {
        secret = await one.newSecret('acme');
        backendKey = await one.newSecretKey();
      },
    });
  });
  const verify = async (token) => {
    const response = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${backendKey}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
    assert.equal(response.status, 200);
    return response.json();
  };

  test(`${strings.length} strings as claims: handed on as they are, in the answer and in the header`, async () => {
    assert.ok(strings.length > 500);
    for (const text of strings) {
      const token = await signWithSecret(secret, ada({ name: text, email: [text, { [text]: text }], [`x${text}`]: text }));
      const said = await verify(token);
      assert.equal(said.verified, true, JSON.stringify([text, said]));
      assert.deepEqual([said.identity.name, said.identity.email, said.identity[`x${text}`]], [text, [text, { [text]: text }], text]);
      const gate = await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } });
      assert.equal(gate.status, 200);
      assert.deepEqual(JSON.parse(Buffer.from(gate.headers.get('x-chatelaine-identity'), 'base64url').toString()), said.identity);
    }
  });

  test('as subjects: taken, or refused as no subject', async () => {
    for (const text of strings) {
      const said = await verify(await signWithSecret(secret, ada({ sub: text })));
      if (mayBeSubject(text)) assert.equal(said.identity?.sub, text, JSON.stringify([text, said]));
      else assert.deepEqual([said.verified, said.detail], [false, 'sub-invalid'], text);
    }
  });

  test('as messages: stored and told again as they were written', async (t) => {
    const client = await connect(t, server);
    await client.identify(await signWithSecret(secret, ada()));
    const sent = [];
    let conversation = null;
    for (const text of strings) {
      client.send('message.send', { text });
      const frame = await client.next();
      if (frame.type === 'error') {
        assert.equal(text.trim(), '', `${JSON.stringify(text)}: ${JSON.stringify(frame)}`);
        continue;
      }
      const passed = [frame, ...(frame.type === 'assistant.done' ? [] : (await client.until('assistant.done', 'auth.required')).passed)];
      const accepted = passed.find((one) => one.type === 'message.accepted');
      assert.equal(accepted.message.text, text);
      conversation = accepted.conversation;
      sent.push(text);
    }
    const token = await signWithSecret(secret, ada());
    const told = [];
    for (let position = 0; position !== null; ) {
      const page = await server.fetch(`/v1/conversations/${conversation}/messages?after=${position}`, { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } }).then((response) => response.json());
      told.push(...page.messages.filter((message) => message.role === 'visitor').map((message) => message.text));
      position = page.next;
    }
    assert.deepEqual(told, sent);
    assert.ok(sent.length > 500);
  });

  test('as keys, ids and queries: answered, never with a failure of the server', async () => {
    for (const text of strings) {
      const part = encodeURIComponent(text.toWellFormed());
      for (const path of [`/sdk/config?key=${part}`, `/v1/conversations/${part}/messages`, `/v1/conversations?after=${part}`, `/v1/session?product=${part}&key=${part}`, `/${part}`]) {
        const { status } = await server.fetch(path);
        assert.ok(status < 500, `${status} for ${path}`);
      }
    }
  });
});
