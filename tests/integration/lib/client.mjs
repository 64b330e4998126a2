// SPDX-License-Identifier: Apache-2.0
// Clients of the chat that speak docs/protocol.md: by WebSocket (npm `ws`) and by server-sent events. Every frame that
// comes is held against the page, and `seq` must rise.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { checkFrame } from './protocol.mjs';

const patience = 15_000;

export class Client {
  frames = []; // all that came, in order
  #read = 0; // how many of them a test has taken
  #waiting = null;
  #seq = 0;
  #broken = null;
  conversation = null;
  resumeKey = null;

  constructor(socket) {
    this.socket = socket;
    this.closed = new Promise((done) => socket.once('close', (code) => done(code)));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#waiting?.());
    socket.on('error', () => {});
  }

  #receive(data, isBinary) {
    try {
      assert.equal(isBinary, false, 'frames are text');
      const frame = JSON.parse(data);
      checkFrame(frame);
      if (frame.type === 'sdk.session.created') {
        if (frame.conversation !== this.conversation) this.#seq = 0;
        this.conversation = frame.conversation;
        if (frame.resumeKey) this.resumeKey = frame.resumeKey;
      } else if (frame.type === 'conversation.resumed' && frame.conversation !== this.conversation) {
        this.conversation = frame.conversation;
        this.#seq = 0;
      }
      assert.ok(frame.seq > this.#seq, `seq ${frame.seq} of ${frame.type} does not rise above ${this.#seq}`);
      this.#seq = frame.seq;
      this.frames.push(frame);
    } catch (error) {
      this.#broken ??= error;
    }
    this.#waiting?.();
  }

  get lastSeq() {
    return this.#seq;
  }

  /** The next frame, whatever it is. */
  async next() {
    const until = Date.now() + patience;
    while (this.#read >= this.frames.length) {
      if (this.#broken) throw this.#broken;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`the connection was closed; it had said ${JSON.stringify(this.frames.slice(-3))}`);
      const left = until - Date.now();
      if (left <= 0) throw new Error(`nothing came; the last frames were ${JSON.stringify(this.frames.slice(-3))}`);
      await new Promise((done) => {
        const timer = setTimeout(done, left);
        this.#waiting = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    if (this.#broken) throw this.#broken;
    return this.frames[this.#read++];
  }

  /** The next frame must be of this type. */
  async expect(type) {
    const frame = await this.next();
    assert.equal(frame.type, type, `instead of ${type} came ${JSON.stringify(frame)}`);
    return frame;
  }

  /** Everything up to the first frame of one of these types. */
  async until(...types) {
    const passed = [];
    for (;;) {
      const frame = await this.next();
      passed.push(frame);
      if (types.includes(frame.type)) return { frame, passed };
      if (frame.type === 'error') throw new Error(`an error came instead of ${types.join(' or ')}: ${JSON.stringify(frame)}`);
    }
  }

  /** Sends a frame; gives its id. */
  send(type, members = {}) {
    const id = members.id ?? randomUUID();
    this.socket.send(JSON.stringify({ type, id, ...members }));
    return id;
  }

  /** Sends a message and takes everything up to the end of the turn:
   *  { id, accepted, text, done, required, frames }. */
  async ask(text, members = {}) {
    const id = this.send('message.send', { text, ...members });
    return { id, ...(await this.turn()) };
  }

  /** The frames of one turn, up to assistant.done or auth.required. */
  async turn() {
    const { frame, passed } = await this.until('assistant.done', 'auth.required');
    const deltas = passed.filter((one) => one.type === 'assistant.delta');
    if (frame.type === 'assistant.done' && !frame.stopped && !frame.failed && deltas.length > 0) {
      let text = '';
      for (const delta of deltas) {
        assert.equal(delta.offset, text.length, 'a delta goes on where the one before ended');
        text += delta.text;
      }
      assert.equal(text, frame.message.text, 'the deltas make up the answer');
    }
    return {
      frames: passed,
      accepted: passed.find((one) => one.type === 'message.accepted'),
      done: frame.type === 'assistant.done' ? frame : null,
      required: frame.type === 'auth.required' ? frame : null,
      text: frame.type === 'assistant.done' ? frame.message.text : null,
    };
  }

  /** auth.upgrade, up to its answer. */
  async identify(token) {
    this.send('auth.upgrade', { token });
    const { frame, passed } = await this.until('auth.upgraded', 'auth.failed');
    return Object.assign(frame, { before: passed.slice(0, -1) });
  }

  async logout() {
    this.send('auth.logout');
    return (await this.until('auth.loggedOut')).frame;
  }

  async resume(conversation, lastSeq, resumeKey) {
    this.send('conversation.resume', { conversation, lastSeq, ...(resumeKey && { resumeKey }) });
    return (await this.until('conversation.resumed')).frame;
  }

  close() {
    this.socket.close();
    return this.closed;
  }
}

/** Opens the chat's WebSocket; `session.started` is taken already unless `raw`. */
export async function connect(t, server, { environment = server.acme, origin, query, headers = {} } = {}) {
  const parameters = new URLSearchParams(query ?? { product: environment.product, key: environment.publishableKey });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/session?${parameters}`, { headers: { ...(origin && { origin }), ...headers } });
  t.after(() => socket.terminate());
  const client = new Client(socket);
  await new Promise((done, failed) => {
    socket.once('open', done);
    socket.once('unexpected-response', (request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () =>
        failed(Object.assign(new Error(`refused: ${response.statusCode} ${body}`), { status: response.statusCode, headers: response.headers, body })));
    });
    socket.once('error', failed);
  });
  client.started = await client.expect('session.started');
  return client;
}

/** One turn by POST /v1/chat: { status, headers, events: [{ event, data }], text, required, resumeKey, conversation }. */
export async function chatOnce(server, { token, environment = server.acme, origin, ...body } = {}) {
  const response = await server.fetch('/v1/chat', {
    method: 'POST', key: environment.publishableKey,
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }), ...(origin && { Origin: origin }) },
    body: JSON.stringify({ id: randomUUID(), ...body }),
  });
  const text = await response.text();
  if (!response.ok) return { status: response.status, headers: response.headers, problem: text && JSON.parse(text), events: [] };
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const events = text.split('\n\n').filter((block) => /^event:/m.test(block)).map((block) => {
    const event = /^event: ?(.*)$/m.exec(block)[1];
    const data = JSON.parse([...block.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]).join('\n'));
    assert.equal(data.type, event, 'an event is named after its frame');
    checkFrame(data);
    return data;
  });
  const of = (type) => events.find((one) => one.type === type);
  return {
    status: 200, headers: response.headers, events, of,
    accepted: of('message.accepted'), required: of('auth.required') ?? null, text: of('assistant.done')?.message.text ?? null,
    conversation: of('message.accepted')?.conversation, resumeKey: of('sdk.session.created')?.resumeKey,
  };
}
