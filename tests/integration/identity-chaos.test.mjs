// SPDX-License-Identifier: Apache-2.0
// Many browsers at once in which Ada, Bob and nobody in particular take turns in no order at all, without waiting for an answer.
// Whatever happens: Ada's balance is told to Ada, Bob's to Bob, and neither stands in anybody else's conversation.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import WebSocket from 'ws';
import { startBank } from './lib/bank.mjs';
import { chatOnce } from './lib/client.mjs';
import { checkFrame } from './lib/protocol.mjs';

const seconds = Number(process.env.CHAOS_SECONDS ?? 6);
const secrets = { 'customer-ada': '1,204.50', 'customer-bob': '87.35' };
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What no one but `user` (a sub, or null) may be told. */
function assertFitFor(user, text, where) {
  for (const [owner, secret] of Object.entries(secrets))
    if (owner !== user) assert.equal(text.includes(secret), false, `${owner}’s balance was told to ${user ?? 'nobody in particular'}: ${where}`);
}

class Browser {
  user = null;
  faults = [];
  frames = 0;

  constructor(bank, known) {
    Object.assign(this, { bank, known });
  }

  open() {
    const { server } = this.bank;
    this.user = null;
    this.conversation = null;
    const parameters = new URLSearchParams({ key: server.acme.publishableKey });
    const socket = (this.socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/session?${parameters}`));
    const heard = [];
    socket.on('error', () => {});
    socket.on('message', (data) => {
      if (socket !== this.socket) return; // terminated, with something still on its way
      heard.push(data.toString());
      try {
        this.receive(data.toString());
      } catch (error) {
        error.message += `\nheard before: ${heard.slice(-12).join('\n')}`;
        this.faults.push(error);
      }
    });
    return new Promise((done) => socket.once('open', done).once('close', done));
  }

  receive(text) {
    const frame = JSON.parse(text);
    checkFrame(frame);
    this.frames++;
    if (frame.type === 'auth.upgraded') this.user = frame.user.sub;
    const failed = frame.type === 'auth.failed' && frame.id.startsWith('upgrade'); // a failed refresh changes nothing
    if (failed || frame.type === 'auth.loggedOut') this.user = null;
    if (frame.type === 'sdk.session.created') {
      this.conversation = frame.conversation;
      if (frame.resumeKey) this.known.push({ conversation: frame.conversation, resumeKey: frame.resumeKey });
    }
    assertFitFor(this.user, text, frame.type);
  }

  say(type, members) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type, id: randomUUID(), ...members }));
  }

  async act() {
    const { tokens } = this.bank;
    const act = Math.random();
    if (act < 0.45) this.say('message.send', { text: pick(['what is my balance?', 'what is my balance?', 'what are your business hours?']), ...(Math.random() < 0.3 && { id: pick(['a', 'b', 'c']) }) });
    else if (act < 0.65) this.say('auth.upgrade', { id: `upgrade-${randomUUID()}`, token: pick([tokens.ada, tokens.bob, tokens.ada, tokens.bob, 'x.y.z']) });
    else if (act < 0.72) this.say('auth.logout');
    else if (act < 0.76) this.say('auth.refresh', { token: pick([tokens.ada, tokens.bob]) });
    else if (act < 0.84 && this.known.length > 0) this.say('conversation.resume', { lastSeq: 0, ...pick(this.known.slice(-20)) });
    else if (act < 0.88) this.say('conversation.start');
    else if (act < 0.92) this.say('message.stop');
    else if (act < 0.95) {
      this.socket.terminate();
      await this.open();
    }
    if (Math.random() < 0.4) await pause(Math.random() * 30);
  }
}

test('whoever talks in whatever order hears their own', { timeout: 120_000 }, async (t) => {
  const bank = await startBank(t, { args: ['--allow-private-egress', '--threads', '4'] });
  const { server } = bank;
  bank.tokens = { ada: await bank.token('ada'), bob: await bank.token('bob') };
  const known = [];
  const browsers = Array.from({ length: 24 }, () => new Browser(bank, known));
  t.after(() => browsers.forEach((browser) => browser.socket?.terminate()));
  const end = Date.now() + seconds * 1000;
  let once = 0;
  const work = browsers.map(async (browser) => {
    await browser.open();
    while (Date.now() < end) await browser.act();
  });
  work.push((async () => {
    while (Date.now() < end) {
      const user = pick(['ada', 'bob', null]);
      const chat = await chatOnce(server, { text: 'what is my balance?', ...(user && { token: bank.tokens[user] }), ...(Math.random() < 0.5 && pick(known)) });
      assertFitFor(user && `customer-${user}`, JSON.stringify(chat.events), 'POST /v1/chat');
      assert.equal((await server.fetch('/metrics')).status, 200);
      once++;
    }
  })());
  await Promise.all(work);
  await pause(500);
  for (const browser of browsers) if (browser.faults.length > 0) throw browser.faults[0];
  assert.ok(once > 5 && browsers.reduce((sum, browser) => sum + browser.frames, 0) > 500, 'a great deal was said');

  // What is kept, as each of them reads it afterwards.
  for (const name of ['ada', 'bob']) {
    const headers = { Authorization: `Bearer ${bank.tokens[name]}` };
    const { publishableKey: key } = server.acme;
    let after = '';
    let read = 0;
    do {
      const page = await (await server.fetch(`/v1/conversations${after}`, { key, headers })).json();
      for (const { id } of page.conversations) {
        const text = await (await server.fetch(`/v1/conversations/${id}/messages`, { key, headers })).text();
        assertFitFor(`customer-${name}`, text, `the history of ${name}`);
        read += text.includes(secrets[`customer-${name}`]) ? 1 : 0;
      }
      after = page.next && read < 100 ? `?after=${page.next}` : null;
    } while (after);
    assert.ok(read > 0, `${name} was told a balance`);
  }
  for (const { conversation, resumeKey } of known.slice(0, 50)) {
    const nobody = new Browser(bank, []);
    await nobody.open();
    nobody.say('conversation.resume', { conversation, resumeKey, lastSeq: 0 });
    await pause(20);
    nobody.socket.terminate();
    if (nobody.faults.length > 0) throw nobody.faults[0];
  }
});

test('told to end in the middle of all that, the server ends cleanly', { timeout: 120_000 }, async (t) => {
  const bank = await startBank(t, { args: ['--allow-private-egress', '--threads', '4'] });
  const { server } = bank;
  bank.tokens = { ada: await bank.token('ada'), bob: await bank.token('bob') };
  const browsers = Array.from({ length: 16 }, () => new Browser(bank, []));
  t.after(() => browsers.forEach((browser) => browser.socket?.terminate()));
  let isOver = false;
  const work = browsers.map(async (browser) => {
    await browser.open();
    while (!isOver) {
      await browser.act();
      await pause(2);
    }
  });
  const polls = Array.from({ length: 4 }, async () => {
    while (!isOver) await server.fetch('/metrics').then((answer) => answer.text(), () => pause(5));
  });
  await pause(1500);
  const began = Date.now();
  await server.stop();
  isOver = true;
  await Promise.all([...work, ...polls]);
  assert.ok(Date.now() - began < 20_000, `it took ${Date.now() - began} ms`);
  for (const browser of browsers) if (browser.faults.length > 0) throw browser.faults[0];
});
