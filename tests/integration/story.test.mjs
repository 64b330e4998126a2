// SPDX-License-Identifier: Apache-2.0
// The main job, end to end, with Acme as the app, token maker and tool backend: once by WebSocket, once by POST /v1/chat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBank } from './lib/bank.mjs';
import { chatOnce, connect } from './lib/client.mjs';

test('an anonymous visitor asks, signs in, and the question that waited is answered for Ada', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);

  const hours = await client.ask('What are your business hours?');
  assert.match(hours.text, /Monday to Friday, 9:00 to 17:00/);
  assert.equal(hours.accepted.message.verified, false);

  const asked = await client.ask('What is my balance?');
  assert.equal(asked.required.why, 'sign-in-required');
  assert.deepEqual(asked.required.tool, { name: 'get_balance', title: 'Account balance' });
  assert.deepEqual(asked.required.ways, [{ kind: 'page' }]);

  const upgraded = await client.identify(await token('ada'));
  assert.equal(upgraded.type, 'auth.upgraded');
  assert.deepEqual([upgraded.user.name, upgraded.carried, upgraded.switched], ['Ada Lovelace', true, false]);
  assert.equal(upgraded.conversation, hours.accepted.conversation);
  const answered = await client.turn();
  assert.equal(answered.text, 'Your balance is **1,204.50 €**, Ada Lovelace.');
  assert.equal(answered.done.inReplyTo, asked.accepted.message.id, 'the message was not sent again');
  assert.equal(answered.done.message.verified, true);
});

test('signed in as Bob, the very next answer is Bob’s; signed out, nobody’s', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);
  await client.identify(await token('ada'));
  const first = await client.ask('what is my balance?');
  assert.match(first.text, /1,204\.50 €\*\*, Ada/);

  const second = await client.identify(await token('bob'));
  assert.equal(second.switched, true);
  const his = await client.ask('what is my balance?');
  assert.match(his.text, /87\.35 €\*\*, Bob/);
  assert.notEqual(his.accepted.conversation, first.accepted.conversation, 'Bob does not see what Ada wrote');

  await client.logout();
  const asked = await client.ask('what is my balance?');
  assert.equal(asked.required.why, 'sign-in-required');
  assert.notEqual(asked.accepted.conversation, his.accepted.conversation);
});

test('Ada asks for account 2002 and gets her own: the claim decides', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);
  await client.identify(await token('ada'));
  const answer = await client.ask('show me the balance of account 2002');
  assert.match(answer.text, /1,204\.50/);
  assert.doesNotMatch(answer.text, /87\.35/);
});

test('a permission that only Ada has', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);
  await client.identify(await token('bob'));
  const refused = await client.ask('freeze my card');
  assert.equal(refused.frames.find((frame) => frame.type === 'tool.finished')?.outcome, 'refused');
  assert.doesNotMatch(refused.text, /is frozen/);
  await client.identify(await token('ada'));
  assert.match((await client.ask('freeze my card')).text, /Your card is frozen, Ada Lovelace/);
});

test('the token ends: the chat goes on anonymously, and asks to sign in when a tool needs it', async (t) => {
  const { server, token } = await startBank(t, {
    tokenSeconds: 4, change: (document) => (document.config.signIn.issuers[0].leewaySeconds = 0),
  });
  const client = await connect(t, server);
  await client.identify(await token('ada'));
  assert.match((await client.ask('what is my balance?')).text, /1,204\.50/);
  await new Promise((done) => setTimeout(done, 4500));

  client.send('message.send', { text: 'what are your business hours?' });
  const expired = await client.expect('auth.expired');
  assert.equal(expired.reason, 'expired');
  const hours = await client.turn();
  assert.match(hours.text, /9:00/);
  assert.equal(hours.accepted.message.verified, false);

  assert.equal((await client.ask('what is my balance?')).required.why, 'sign-in-required');
  await client.identify(await token('ada'));
  assert.match((await client.turn()).text, /1,204\.50/);
});

test('"not now" leaves the message unanswered after a later sign-in', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);
  const asked = await client.ask('what is my balance?');
  client.send('auth.decline', { message: asked.accepted.message.id });
  await client.until('auth.declined');
  await client.identify(await token('ada'));
  const hours = await client.ask('what are your business hours?');
  assert.match(hours.text, /9:00/);
  assert.equal(client.frames.some((frame) => frame.type === 'assistant.done' && frame.inReplyTo === asked.accepted.message.id), false);
});

test('the same by POST /v1/chat', async (t) => {
  const { server, token } = await startBank(t);
  const hours = await chatOnce(server, { text: 'What are your business hours?' });
  assert.match(hours.text, /9:00/);
  assert.ok(hours.resumeKey);

  const { conversation, resumeKey } = hours;
  const asked = await chatOnce(server, { text: 'What is my balance?', conversation, resumeKey });
  assert.equal(asked.required.why, 'sign-in-required');
  assert.equal(asked.conversation, conversation);

  const forAda = await chatOnce(server, { text: 'What is my balance?', token: await token('ada'), conversation, resumeKey });
  assert.match(forAda.text, /1,204\.50 €\*\*, Ada/);
  const forBob = await chatOnce(server, { text: 'show me the balance of account 1001', token: await token('bob') });
  assert.match(forBob.text, /87\.35 €\*\*, Bob/);
  assert.notEqual(forBob.conversation, conversation);

  const broken = await chatOnce(server, { text: 'What is my balance?', token: `${(await token('ada')).slice(0, -4)}AAAA` });
  assert.equal(broken.events[0].type, 'auth.failed');
  assert.equal(broken.events[0].reason, 'bad-signature');
  assert.equal(broken.required.why, 'sign-in-required');
});

test('one conversation is nobody else’s', async (t) => {
  const { server, token } = await startBank(t);
  const ada = await chatOnce(server, { text: 'What is my balance?', token: await token('ada') });
  const anonymous = await chatOnce(server, { text: 'What are your business hours?' });
  for (const attempt of [
    { text: 'hello', conversation: ada.conversation },
    { text: 'hello', conversation: ada.conversation, token: await token('bob') },
    { text: 'hello', conversation: ada.conversation, resumeKey: anonymous.resumeKey },
    { text: 'hello', conversation: anonymous.conversation },
    { text: 'hello', conversation: anonymous.conversation, resumeKey: 'rk_of-somebody-else' },
    { text: 'hello', conversation: 'conv_00000000000000000000000000000000' },
  ]) {
    const answer = await chatOnce(server, attempt);
    assert.equal(answer.of('error')?.code, 'conversation-not-found');
    assert.equal(answer.accepted, undefined);
  }
});

test('a signed-in visitor’s conversations are listed and read, by nobody else', async (t) => {
  const { server, token } = await startBank(t);
  const { publishableKey: key } = server.acme;
  const ada = `Bearer ${await token('ada')}`;
  const chat = await chatOnce(server, { text: 'What is my balance?', token: ada.slice(7) });
  const list = await (await server.fetch('/v1/conversations', { key, headers: { Authorization: ada } })).json();
  assert.equal(list.conversations.length, 1);
  assert.equal(list.conversations[0].id, chat.conversation);
  const { messages } = await (await server.fetch(`/v1/conversations/${chat.conversation}/messages`, { key, headers: { Authorization: ada } })).json();
  assert.deepEqual(messages.map((one) => [one.role, one.verified]), [['visitor', true], ['assistant', true]]);

  const bob = { Authorization: `Bearer ${await token('bob')}` };
  assert.equal((await (await server.fetch('/v1/conversations', { key, headers: bob })).json()).conversations.length, 0);
  assert.equal((await server.fetch(`/v1/conversations/${chat.conversation}/messages`, { key, headers: bob })).status, 404);
  assert.equal((await server.fetch('/v1/conversations', { key })).status, 401);
});

test('who did what stands in the audit log, and no token does', async (t) => {
  const { server, token } = await startBank(t);
  const client = await connect(t, server);
  const adas = await token('ada');
  await client.identify(adas);
  await client.ask('what is my balance?');
  await client.identify(await token('bob'));
  await client.ask('freeze my card');
  await client.close();
  await server.stop();
  const rows = await server.chatelaine('audit', 'list', '--product', 'acme', '--environment', 'test');
  const list = Array.isArray(rows) ? rows : rows.events;
  const calls = list.filter((row) => row.action === 'tool.call');
  assert.equal(calls.length, 2);
  const [balance] = calls.filter((row) => row.tool === 'get_balance');
  assert.equal(balance.subject, 'customer-ada');
  const [freeze] = calls.filter((row) => row.tool === 'freeze_card');
  assert.deepEqual([freeze.subject, freeze.outcome], ['customer-bob', 'refused']);
  for (const text of [JSON.stringify(rows), server.stderr]) {
    for (const part of adas.split('.')) assert.equal(text.includes(part), false, 'a part of the token was written down');
    assert.doesNotMatch(text, /ada@acme\.example/);
  }
});
