// SPDX-License-Identifier: Apache-2.0
/** A stand-in for the server that speaks docs/protocol.md from a script: what the visitor writes chooses what happens, so
 * that every state of the chat can be seen and tested. It verifies nothing; a token is base64url JSON with `sub`. */
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

const id = (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const STEP = 2 ** 20;

const long = Array.from(
  { length: 14 },
  (_, at) => `### Part ${at + 1}\n\nA transfer leaves your account on the day you order it and arrives on the next working day. Standing orders are carried out in the morning, **before** the card payments of the day are booked.\n\n- one thing to know\n- another, with [a link](https://acme.example/help)`,
).join('\n\n');

const table = `Your last transactions:

| Date | Payee | Purpose | Category | Amount | Balance after |
|:--|:--|:--|:--|--:|--:|
| 2026-11-20 | Corner Bakery | Card payment 4471 | Food | −6.40 € | 1,204.50 € |
| 2026-11-19 | City Transit | Monthly pass December | Travel | −49.00 € | 1,210.90 € |
| 2026-11-18 | Acme Payroll | Salary November | Income | +2,850.00 € | 1,259.90 € |

Is one of them not yours? Say so and the card is stopped.`;

const code = 'Call it from your backend:\n\n```js\nconst response = await fetch("https://api.acme.example/v1/accounts/1001/balance", { headers: { Authorization: `Bearer ${token}` } });\nconsole.log(await response.json());\n```\n\nThe answer has a `balance` and a `currency`.';

const attack = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\n\n![a picture](https://tracker.example/pixel.gif)\n\n[a bad link](javascript:window.pwned=1) and [a good one](https://acme.example/) and <a href="https://evil.example" onclick="window.pwned=1">raw</a>\n\n<svg onload=window.pwned=1>';

const rtl = 'رصيدك هو **1,204.50 €** يا آدا.\n\n- آخر حركة: مخبز\n- ثم: راتب';

/** What the visitor's words bring about. */
const scripts = [
  [/hours/i, { answer: 'We are open **Monday to Friday, 9:00 to 17:30**, and on Saturdays until noon.\n\nThe chat is here at any hour.' }],
  [/balance/i, { needsUser: true, tool: { name: 'get_balance', title: 'Account balance' }, answer: (user) => `Your balance is **1,204.50 €**, ${(user.name ?? user.sub).split(' ')[0]}.` }],
  [/long/i, { answer: long }],
  [/table|transactions/i, { tool: { name: 'list_transactions', title: 'Transactions' }, answer: table }],
  [/code/i, { answer: code }],
  [/attack/i, { answer: attack }],
  [/رصيد/, { answer: rtl }],
  [/broken/i, { tool: { name: 'get_rates', title: 'Exchange rates' }, outcome: 'failed', failed: true, answer: 'The exchange rates could not be fetched. Try again in a few minutes.' }],
  [/slow/i, { slow: 80, answer: long.slice(0, 1500) }],
  [/looking/i, { tool: { name: 'get_balance', title: 'Account balance' }, toolTime: 60_000, answer: '' }],
  [/think/i, { think: 60_000, answer: '' }],
  [/drop/i, { dropAfter: 40, slow: 20, answer: 'This answer was interrupted in the middle, and is here whole, once: the widget came back and took up where it was.' }],
  [/refuse/i, { error: { code: 'rate-limited', message: 'Too many messages.', retryAfter: 30 } }],
  [/gone/i, { error: { code: 'environment-gone', message: 'The environment was removed.' } }],
];

export function readFakeToken(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  } catch {
    return {};
  }
}

export function makeFakeToken(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.${part('not a signature')}`;
}

export class FakeServer {
  conversations = new Map();
  config;
  log = [];
  #sockets = new WebSocketServer({ noServer: true });
  #open = new Set();

  constructor(config = {}) {
    this.config = config;
  }

  /** For a node:http server. True when the request was ours. */
  request(request, response) {
    const url = new URL(request.url, 'http://fake');
    const answer = (status, body) => {
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Access-Control-Allow-Origin': request.headers.origin ?? '*',
        'Access-Control-Allow-Headers': 'authorization, chatelaine-key, chatelaine-product',
      });
      response.end(body === undefined ? '' : JSON.stringify(body));
      return true;
    };
    if (request.method === 'OPTIONS') return answer(204);
    if (url.pathname === '/sdk/config') {
      this.log.push('config');
      const key = request.headers['chatelaine-key'] ?? '';
      if (key === 'pk_refused') return answer(403, { title: 'Origin not allowed', code: 'origin-not-allowed' });
      const popup = key === 'pk_popup' ? { signInUrl: `http://${request.headers.host}/sign-in.html` } : {};
      return answer(200, {
        product: 'prod_demo', environment: 'env_demo', protocol: 1, session: '/v1/session',
        signIn: { enforcement: 'optional', ...popup },
        assistant: { greeting: 'Good morning. What can we do for you?', suggestions: ['What are your business hours?', 'What’s my balance?', 'Show my last transactions in a table'] },
        appearance: { title: 'Acme Bank', placeholder: 'Ask anything…', privacyUrl: 'https://acme.example/privacy' },
        limits: { messageCharacters: 400 },
        ...this.config,
      });
    }
    if (url.pathname === '/v1/conversations') {
      const list = [...this.conversations.values()].filter((one) => one.owner === readFakeToken(request.headers.authorization ?? '').sub && one.messages.length);
      return answer(200, { conversations: list.map((one) => ({ id: one.id, title: one.messages[0].text, createdAt: one.messages[0].createdAt, updatedAt: one.messages.at(-1).createdAt })), next: null });
    }
    return false;
  }

  upgrade(request, socket, head) {
    if (!request.url.startsWith('/v1/session')) return socket.destroy();
    const key = new URL(request.url, 'http://fake').searchParams.get('key');
    this.#sockets.handleUpgrade(request, socket, head, (websocket) => {
      this.#open.add(websocket);
      websocket.on('close', () => this.#open.delete(websocket));
      new FakeSession(this, websocket, key);
    });
  }

  /** Ends every connection at once, as a server does that is killed. */
  drop() {
    for (const websocket of this.#open) websocket.terminate();
  }
}

class FakeSession {
  user = null;
  conversation = null;
  waiting = null;
  seq = 0;
  stopped = false;

  constructor(server, websocket, key) {
    this.server = server;
    this.websocket = websocket;
    this.key = key;
    this.send({ type: 'session.started', session: id('ses'), protocol: 1 });
    websocket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      server.log.push(frame.type);
      this[`on_${frame.type.replace('.', '_')}`]?.(frame);
    });
  }

  send(frame) {
    this.websocket.send(JSON.stringify({ ...frame, seq: ++this.seq }));
  }

  enter(conversation) {
    this.conversation = conversation;
    this.seq = Math.max(this.seq, conversation.messages.length * STEP);
  }

  begin() {
    const conversation = { id: id('conv'), owner: this.user?.sub ?? null, resumeKey: id('rk'), messages: [], waiting: null };
    this.server.conversations.set(conversation.id, conversation);
    this.enter(conversation);
  }

  created() {
    const { conversation } = this;
    this.send({
      type: 'sdk.session.created', visitor: id('vis'), conversation: conversation.id, anonymous: !this.user,
      ...(this.user ? {} : { resumeKey: conversation.resumeKey }),
    });
  }

  store(role, text, more = {}) {
    const { messages } = this.conversation;
    const message = { id: id('msg'), position: messages.length + 1, role, text, verified: Boolean(this.user), createdAt: Date.now(), ...more };
    messages.push(message);
    this.seq = Math.max(this.seq, message.position * STEP);
    return message;
  }

  /** The server verifies on every frame; here only the end of the token is looked at. */
  checkExpiry() {
    if (!this.user || this.expiresAt > Date.now() / 1000) return;
    this.user = null;
    this.conversation = null;
    this.send({ type: 'auth.expired', reason: 'expired', detail: 'exp-passed', message: 'Your sign-in has ended. Sign in again to go on.' });
  }

  async on_auth_upgrade({ id: frameId, token }) {
    const claims = readFakeToken(token);
    await pause(Number(claims.delay ?? 150));
    if (!claims.sub || claims.exp < Date.now() / 1000) {
      this.user = null;
      return this.send({ type: 'auth.failed', id: frameId, reason: claims.sub ? 'expired' : 'bad-claim', detail: claims.sub ? 'exp-passed' : 'sub-missing', message: 'Sign in again to go on.' });
    }
    const switched = Boolean(this.conversation?.owner && this.conversation.owner !== claims.sub);
    const carried = Boolean(this.conversation && !this.conversation.owner);
    this.user = { sub: claims.sub, ...(claims.name ? { name: claims.name } : {}) };
    this.expiresAt = claims.exp;
    if (switched || !this.conversation) this.begin();
    this.conversation.owner = claims.sub;
    this.send({ type: 'auth.upgraded', id: frameId, user: this.user, expiresAt: claims.exp, conversation: this.conversation.id, carried, switched });
    this.created();
    const { waiting } = this.conversation;
    if (waiting) {
      this.conversation.waiting = null;
      await this.answer(waiting);
    }
  }

  async on_auth_refresh({ id: frameId, token }) {
    const claims = readFakeToken(token);
    await pause(300);
    if (claims.sub !== this.user?.sub) return this.send({ type: 'auth.failed', id: frameId, reason: 'bad-claim', detail: 'subject-changed', message: 'Try again.' });
    this.expiresAt = claims.exp;
    this.send({ type: 'auth.refreshed', id: frameId, expiresAt: claims.exp });
  }

  on_auth_logout({ id: frameId }) {
    this.user = null;
    this.conversation = null;
    this.send({ type: 'auth.loggedOut', id: frameId });
  }

  on_auth_decline({ id: frameId }) {
    if (this.conversation) this.conversation.waiting = null;
    this.send({ type: 'auth.declined', id: frameId });
  }

  on_conversation_start({ id: frameId }) {
    this.conversation = null;
    this.send({ type: 'conversation.left', id: frameId });
  }

  async on_conversation_resume({ id: frameId, conversation: wanted, resumeKey, lastSeq }) {
    const conversation = this.server.conversations.get(wanted);
    const isTheirs = conversation && (conversation.owner ? conversation.owner === this.user?.sub : conversation.resumeKey === resumeKey);
    if (!isTheirs) return this.send({ type: 'error', id: frameId, code: 'conversation-not-found', message: 'No such conversation.' });
    this.enter(conversation);
    const messages = conversation.messages.filter((message) => message.position * STEP > lastSeq);
    this.send({ type: 'conversation.resumed', id: frameId, conversation: wanted, messages, waiting: conversation.waiting?.id ?? null });
    const last = conversation.messages.at(-1);
    if (last?.role === 'visitor' && last !== conversation.waiting) await this.answer(last, true);
  }

  on_message_stop({ id: frameId }) {
    this.stopped = true;
    this.send({ type: 'message.stopped', id: frameId });
  }

  async on_message_send({ id: frameId, text }) {
    this.checkExpiry();
    const script = scripts.find(([words]) => words.test(text))?.[1];
    if (script?.error) return this.send({ type: 'error', id: frameId, ...script.error });
    const isNew = !this.conversation;
    if (isNew) this.begin();
    const known = this.conversation.messages.find((message) => message.clientId === frameId);
    if (isNew) this.created();
    const message = known ?? this.store('visitor', text);
    message.clientId = frameId;
    await pause(80);
    this.send({ type: 'message.accepted', id: frameId, conversation: this.conversation.id, message, duplicate: Boolean(known) });
    if (!known) await this.answer(message);
  }

  async answer(message, isAgain = false) {
    const script = scripts.find(([words]) => words.test(message.text))?.[1] ?? { answer: 'I can tell you about our business hours, your balance and your transactions.' };
    if (script.needsUser && !this.user) {
      this.conversation.waiting = message;
      const ways = [{ kind: 'page' }];
      if (this.key === 'pk_popup') ways.push({ kind: 'popup', url: this.server.signInUrl });
      return this.send({ type: 'auth.required', message: message.id, why: 'sign-in-required', tool: script.tool, ways, text: 'Sign in to go on.' });
    }
    this.stopped = false;
    await pause(script.think ?? 400);
    if (script.tool) {
      this.send({ type: 'tool.started', call: 'call_1', message: message.id, tool: script.tool });
      await pause(script.toolTime ?? 900);
      this.send({ type: 'tool.finished', call: 'call_1', message: message.id, tool: script.tool, outcome: script.outcome ?? 'ok' });
    }
    const whole = typeof script.answer === 'function' ? script.answer(this.user) : script.answer;
    let sent = 0;
    for (; sent < whole.length && !this.stopped; sent += 12) {
      if (script.dropAfter && !isAgain && sent > script.dropAfter) return this.websocket.terminate();
      this.send({ type: 'assistant.delta', message: message.id, offset: sent, text: whole.slice(sent, sent + 12) });
      await pause(script.slow ?? 12);
    }
    const tools = script.tool ? [{ ...script.tool, outcome: script.outcome ?? 'ok' }] : [];
    const answer = this.store('assistant', this.stopped ? whole.slice(0, sent) : whole, { inReplyTo: message.id, tools });
    this.send({ type: 'assistant.done', inReplyTo: message.id, message: answer, stopped: this.stopped, ...(script.failed ? { failed: true } : {}) });
  }
}
