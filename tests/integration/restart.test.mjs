// SPDX-License-Identifier: Apache-2.0
// The server is killed in the middle of a conversation; what it had acknowledged is there afterwards, once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, signWithSecret } from './lib/tokens.mjs';

test('killed while messages come in: every acknowledged one is there, once, and sending again doubles none', async (t) => {
  const server = await startServer(t, { document: environmentDocument() });
  const client = await connect(t, server);
  const sent = [];
  const accepted = new Map(); // id of the client → message
  for (let i = 0; i < 6; i++) {
    const id = randomUUID();
    sent.push({ id, text: `message ${i}: what are your business hours?` });
    const { accepted: frame } = await client.ask(sent[i].text, { id });
    accepted.set(id, frame.message);
  }
  // One more is on its way when the power goes.
  const last = { id: randomUUID(), text: 'message 6: what are your business hours?' };
  sent.push(last);
  client.send('message.send', last);
  await client.until('message.accepted');
  await server.kill();
  await client.closed;

  await server.start();
  const again = await connect(t, server);
  const resumed = await again.resume(client.conversation, 0, client.resumeKey);
  const visitors = resumed.messages.filter((message) => message.role === 'visitor');
  assert.deepEqual(visitors.map((message) => message.text), sent.map((message) => message.text));
  for (const [id, message] of accepted) assert.equal(visitors.filter((one) => one.id === message.id).length, 1, id);
  assert.deepEqual(resumed.messages.map((message) => message.position), resumed.messages.map((message) => message.position).sort((a, b) => a - b));

  // The client cannot know whether its last message arrived: it sends it again.
  again.send('message.send', last);
  const { frame } = await again.until('message.accepted');
  assert.equal(frame.duplicate, true);
  const after = await connect(t, server);
  const whole = await after.resume(client.conversation, 0, client.resumeKey);
  assert.equal(whole.messages.filter((message) => message.text === last.text).length, 1);
});

test('killed again and again under load: nothing acknowledged is ever lost', async (t) => {
  const server = await startServer(t, { document: environmentDocument() });
  const known = []; // { conversation, resumeKey, text }
  for (let round = 0; round < 4; round++) {
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, server)));
    const work = clients.map(async (client, c) => {
      for (let i = 0; ; i++) {
        const text = `round ${round}, client ${c}, message ${i}`;
        try {
          await client.ask(text);
        } catch {
          const acknowledged = client.frames.filter((frame) => frame.type === 'message.accepted').map((frame) => frame.message.text);
          known.push({ conversation: client.conversation, resumeKey: client.resumeKey, acknowledged });
          return;
        }
      }
    });
    await new Promise((done) => setTimeout(done, 150 + 200 * Math.random()));
    await server.kill();
    await Promise.all(work);
    await server.start();
  }
  let messages = 0;
  for (const { conversation, resumeKey, acknowledged } of known) {
    if (acknowledged.length === 0) continue;
    const client = await connect(t, server);
    const resumed = await client.resume(conversation, 0, resumeKey);
    const texts = resumed.messages.filter((message) => message.role === 'visitor').map((message) => message.text);
    assert.equal(new Set(texts).size, texts.length, 'nothing is there twice');
    for (const text of acknowledged.slice(-90)) assert.ok(texts.includes(text), `${text} was acknowledged and is lost`);
    messages += acknowledged.length;
    await client.close();
  }
  assert.ok(messages > 20, `only ${messages} messages were acknowledged`);
});

test('a question that waits for sign-in waits through a restart', async (t) => {
  let secret;
  const tool = {
    name: 'who_am_i', title: 'Who am I', description: 'Says who asks.', url: 'http://127.0.0.1:9/none', access: 'sign-in',
    parameters: { type: 'object', properties: {} }, triggers: ['who am i'], answer: 'You are {user.name}.',
  };
  const server = await startServer(t, {
    document: environmentDocument({ tools: [tool] }),
    prepare: async (one) => {
      secret = await one.newSecret('acme');
      await one.newSecret('tools');
    },
  });
  const client = await connect(t, server);
  const asked = await client.ask('who am i?');
  assert.ok(asked.required);
  await server.kill();
  await server.start();
  const again = await connect(t, server);
  const resumed = await again.resume(client.conversation, client.lastSeq, client.resumeKey);
  assert.equal(resumed.waiting, asked.accepted.message.id);
  assert.equal((await again.identify(await signWithSecret(secret, ada()))).type, 'auth.upgraded');
  const turn = await again.turn();
  assert.equal(turn.done.inReplyTo, asked.accepted.message.id, 'answered, though its tool does not answer');
});
