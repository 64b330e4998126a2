// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { config, FakeSocket, makeRig, nowSeconds, type Rig, settle, stored, tokenOf } from './helpers';

const STEP = 2 ** 20;
let rig: Rig;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  rig = makeRig();
});
afterEach(() => {
  rig.session.destroy();
  vi.useRealTimers();
});

const texts = (): string[] => rig.session.state.items.map((item) => ('text' in item ? item.text : item.kind));
const heard = (name: string): unknown[] => rig.heard.filter(([one]) => one === name).map(([, detail]) => detail);

/** A connection that is through its handshake, with what the server says on the way. */
async function connect(): Promise<FakeSocket> {
  await settle();
  const socket = FakeSocket.last;
  await socket.start();
  return socket;
}
const upgraded = (socket: FakeSocket, sub: string, more = {}): Promise<void> =>
  socket.serve({ type: 'auth.upgraded', id: socket.find('auth.upgrade').id, user: { sub }, expiresAt: nowSeconds() + 3600, conversation: 'conv_1', carried: false, switched: false, ...more });
const created = (socket: FakeSocket): Promise<void> =>
  socket.serve({ type: 'sdk.session.created', visitor: 'vis_1', conversation: 'conv_1', anonymous: true, resumeKey: 'rk_1' });
async function accept(socket: FakeSocket, at: number, duplicate = false): Promise<ReturnType<typeof stored>> {
  const { id, text } = socket.find('message.send');
  const message = stored('visitor', String(text), at);
  await socket.serve({ type: 'message.accepted', id, conversation: 'conv_1', message, duplicate, seq: at * STEP });
  return message;
}
async function answer(socket: FakeSocket, to: { id: string; position: number }, text = 'Here.'): Promise<void> {
  const message = stored('assistant', text, to.position + 1, { inReplyTo: to.id });
  await socket.serve({ type: 'assistant.done', inReplyTo: to.id, message, stopped: false, seq: message.position * STEP });
}

describe('connecting', () => {
  it('waits for the first message of an anonymous visitor', async () => {
    rig.session.show(true);
    await settle();
    expect(FakeSocket.all).toHaveLength(0);
    rig.session.send('Hello');
    await settle();
    expect(FakeSocket.last.url).toBe(`wss://chat.example/v1/session?product=prod_1&key=${rig.session.server.key}`);
  });

  it('asks for the settings before any WebSocket, with product and key', async () => {
    rig.session.send('Hello');
    expect(FakeSocket.all).toHaveLength(0);
    const [url, init] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(String(url)).toBe('https://chat.example/sdk/config');
    expect(init?.headers).toEqual({ 'Chatelaine-Product': 'prod_1', 'Chatelaine-Key': rig.session.server.key });
    await settle();
    expect(FakeSocket.all).toHaveLength(1);
    expect(heard('ready')).toHaveLength(1);
  });

  it('sends the message once the session has started', async () => {
    rig.session.send('Hello');
    const socket = await connect();
    expect(socket.types()).toEqual(['message.send']);
    expect(rig.session.state.connection).toBe('open');
  });

  it('connects at once for somebody who is identified', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    expect(socket.types()).toEqual(['auth.upgrade']);
    await upgraded(socket, 'ada');
    expect(heard('identity')).toEqual([{ user: { sub: 'ada' } }]);
  });

  it('stays away when the server refuses the page, and says so', async () => {
    rig.session.destroy();
    rig = makeRig({ answer: async () => new Response(JSON.stringify({ code: 'origin-not-allowed' }), { status: 403 }) });
    rig.session.send('Hello');
    await settle();
    expect(rig.session.state.connection).toBe('unavailable');
    expect(rig.explained).toContain('origin-not-allowed');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('tries again when the settings could not be had', async () => {
    rig.session.destroy();
    let isUp = false;
    rig = makeRig({ answer: async () => (isUp ? new Response(JSON.stringify(config)) : new Response('', { status: 503 })) });
    rig.session.send('Hello');
    await settle();
    expect(rig.session.state.connection).toBe('reconnecting');
    isUp = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('messages', () => {
  it('go one after the other', async () => {
    rig.session.send('One');
    rig.session.send('Two');
    const socket = await connect();
    expect(socket.types()).toEqual(['message.send']);
    const one = await accept(socket, 1);
    expect(socket.types()).toHaveLength(1);
    await answer(socket, one);
    expect(socket.find('message.send')['text']).toBe('Two');
  });

  it('that the server is too busy for are sent again', async () => {
    rig.session.send('One');
    const socket = await connect();
    const { id } = socket.find('message.send');
    await socket.serve({ type: 'error', id, code: 'busy', message: '' });
    await vi.advanceTimersByTimeAsync(2500);
    expect(socket.sent.filter((frame) => frame.id === id)).toHaveLength(2);
  });

  it('that are refused say why and can be tried again', async () => {
    rig.session.send('One');
    const socket = await connect();
    await socket.serve({ type: 'error', id: socket.find('message.send').id, code: 'rate-limited', message: '', retryAfter: 30 });
    const [item] = rig.session.state.items;
    expect(item).toMatchObject({ status: 'failed', failure: 'rate-limited', retryAfter: 30 });
    rig.session.retry(item?.key ?? '');
    await settle();
    expect(socket.sent.filter((frame) => frame.type === 'message.send')).toHaveLength(2);
  });

  it('that could not be stored keep their id', async () => {
    rig.session.send('One');
    const socket = await connect();
    const { id } = socket.find('message.send');
    await socket.serve({ type: 'error', id, code: 'unavailable', message: '' });
    rig.session.retry(id);
    await settle();
    expect(socket.find('message.send').id).toBe(id);
  });
});

describe('a lost connection', () => {
  async function talk(): Promise<FakeSocket> {
    rig.session.show(true);
    rig.session.send('One');
    const socket = await connect();
    await created(socket);
    await answer(socket, await accept(socket, 1));
    return socket;
  }

  it('is made again, and resumes where it was', async () => {
    const socket = await talk();
    expect(rig.kept.value).toEqual({ conversation: 'conv_1', resumeKey: 'rk_1' });
    socket.end();
    expect(rig.session.state.connection).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    expect(again).not.toBe(socket);
    expect(again.find('conversation.resume')).toMatchObject({ conversation: 'conv_1', resumeKey: 'rk_1', lastSeq: 2 * STEP });
    await again.serve({ type: 'conversation.resumed', id: again.find('conversation.resume').id, conversation: 'conv_1', messages: [], waiting: null });
    expect(rig.session.state.connection).toBe('open');
    expect(texts()).toEqual(['One', 'Here.']);
  });

  it('keeps what is written meanwhile, and sends it after resuming', async () => {
    (await talk()).end();
    rig.session.send('Two');
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    expect(again.types()).toEqual(['conversation.resume']);
    await again.serve({ type: 'conversation.resumed', id: again.find('conversation.resume').id, conversation: 'conv_1', messages: [], waiting: null });
    expect(again.find('message.send')['text']).toBe('Two');
  });

  it('sends again, under the same id, what was not acknowledged', async () => {
    const socket = await talk();
    rig.session.send('Two');
    await settle();
    const { id } = socket.find('message.send');
    socket.end();
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    const kept = stored('visitor', 'Two', 3);
    await again.serve({ type: 'conversation.resumed', id: again.find('conversation.resume').id, conversation: 'conv_1', messages: [kept], waiting: null });
    expect(texts()).toEqual(['One', 'Here.', 'Two']);
    expect(again.find('message.send')).toMatchObject({ id, text: 'Two' });
    await again.serve({ type: 'message.accepted', id, conversation: 'conv_1', message: kept, duplicate: true });
    await answer(again, kept, 'Second.');
    expect(texts()).toEqual(['One', 'Here.', 'Two', 'Second.']);
  });

  it('waits longer each time, and tries at once when the page is looked at', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    (await talk()).end();
    for (const milliseconds of [500, 1000, 2000]) {
      await vi.advanceTimersByTimeAsync(milliseconds - 1);
      const made = FakeSocket.all.length;
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.all).toHaveLength(made + 1);
      FakeSocket.last.end();
    }
    const made = FakeSocket.all.length;
    await vi.advanceTimersByTimeAsync(3000);
    expect(FakeSocket.all).toHaveLength(made);
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(FakeSocket.all).toHaveLength(made + 1);
  });

  it('is noticed when the server says nothing to what we send', async () => {
    const socket = await talk();
    rig.session.send('Two');
    await settle();
    await vi.advanceTimersByTimeAsync(15_001);
    expect(socket.readyState).toBe(3);
    expect(rig.session.state.connection).toBe('reconnecting');
  });

  it('is not made again for a closed chat with nothing to say', async () => {
    const socket = await talk();
    rig.session.show(false);
    socket.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(rig.session.state.connection).toBe('idle');
    rig.session.show(true);
    await settle();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('begins anew when the conversation is gone, and keeps what is on the screen', async () => {
    (await talk()).end();
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    await again.serve({ type: 'error', id: again.find('conversation.resume').id, code: 'conversation-not-found', message: '' });
    expect(rig.kept.value).toBeUndefined();
    expect(rig.session.state.conversation).toBeUndefined();
    expect(texts()).toEqual(['One', 'Here.']);
  });

  it('lets a message be asked again whose answer never comes', async () => {
    rig.session.show(true);
    rig.session.send('One');
    const socket = await connect();
    await created(socket);
    const one = await accept(socket, 1);
    socket.end();
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    await again.serve({ type: 'conversation.resumed', id: again.find('conversation.resume').id, conversation: 'conv_1', messages: [one], waiting: null });
    expect(rig.session.state.turn).toBe(one.id);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(rig.session.state.items[0]).toMatchObject({ status: 'failed', failure: 'unanswered' });
    rig.session.retry(rig.session.state.items[0]?.key ?? '');
    await settle();
    expect(again.find('message.send').id).not.toBe(one.id);
  });
});

describe('who the visitor is', () => {
  it('takes an anonymous conversation along', async () => {
    rig.session.destroy();
    rig = makeRig({ kept: { conversation: 'conv_1', resumeKey: 'rk_1' } });
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    expect(socket.types()).toEqual(['conversation.resume']);
    await socket.serve({ type: 'conversation.resumed', id: socket.find('conversation.resume').id, conversation: 'conv_1', messages: [stored('visitor', 'Hi', 1)], waiting: null });
    expect(socket.types()).toEqual(['conversation.resume', 'auth.upgrade']);
    await upgraded(socket, 'ada', { carried: true });
    expect(rig.kept.value).toEqual({ conversation: 'conv_1' });
    expect(socket.types()).toHaveLength(2);
  });

  it('takes up a verified conversation after saying who it is', async () => {
    rig.session.destroy();
    rig = makeRig({ kept: { conversation: 'conv_7' } });
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada', { conversation: 'conv_8' });
    expect(socket.find('conversation.resume')).toMatchObject({ conversation: 'conv_7', lastSeq: 0 });
    await socket.serve({ type: 'conversation.resumed', id: socket.find('conversation.resume').id, conversation: 'conv_7', messages: [stored('visitor', 'Earlier', 1)], waiting: null });
    expect(texts()).toEqual(['Earlier']);
    expect(rig.kept.value).toEqual({ conversation: 'conv_7' });
  });

  it('takes it up too when the server has not begun one yet', async () => {
    rig.session.destroy();
    rig = makeRig({ kept: { conversation: 'conv_7' } });
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada', { conversation: null });
    expect(socket.find('conversation.resume')).toMatchObject({ conversation: 'conv_7', lastSeq: 0 });
  });

  it('switches at once', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada');
    void rig.session.identify(tokenOf('bob'));
    await settle();
    expect(socket.types()).toEqual(['auth.upgrade', 'auth.upgrade']);
    await upgraded(socket, 'bob', { switched: true, conversation: 'conv_2' });
    expect(heard('identity')).toEqual([{ user: { sub: 'ada' } }, { user: { sub: 'bob' } }]);
  });

  it('ends with the last of several said in a hurry', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    void rig.session.identify(tokenOf('bob'));
    await settle();
    await upgraded(socket, 'ada');
    expect(socket.types()).toEqual(['auth.upgrade', 'auth.upgrade']);
    await upgraded(socket, 'bob', { switched: true });
    expect(rig.session.state.user?.sub).toBe('bob');
  });

  it('holds messages back until it is said', async () => {
    void rig.session.identify(tokenOf('ada'));
    rig.session.send('My balance?');
    const socket = await connect();
    expect(socket.types()).toEqual(['auth.upgrade']);
    expect(rig.session.state.authenticating).toBe(true);
    await upgraded(socket, 'ada');
    expect(rig.session.state.authenticating).toBe(false);
    expect(socket.types()).toEqual(['auth.upgrade', 'message.send']);
  });

  it('does not try a refused token again', async () => {
    rig.session.show(true);
    rig.session.send('Hello');
    const socket = await connect();
    await created(socket);
    void rig.session.identify(tokenOf('ada', -10));
    await settle();
    await socket.serve({ type: 'auth.failed', id: socket.find('auth.upgrade').id, reason: 'expired', detail: 'exp-passed', message: '' });
    expect(heard('identityExpired')).toHaveLength(1);
    expect(rig.explained).toContain('expired');
    socket.end();
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    await again.serve({ type: 'conversation.resumed', id: again.find('conversation.resume').id, conversation: 'conv_1', messages: [], waiting: null });
    expect(again.types()).not.toContain('auth.upgrade');
    expect(rig.session.state.connection).toBe('open');
  });

  it('goes on anonymously when the token has ended', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada');
    await socket.serve({ type: 'auth.expired', reason: 'expired', detail: 'exp-passed', message: '' });
    expect(rig.session.state.user).toBeNull();
    expect(heard('identityExpired')).toHaveLength(1);
    expect(heard('identity').at(-1)).toEqual({ user: null });
    rig.session.send('Still here');
    await settle();
    expect(socket.types()).toContain('message.send');
  });

  it('is forgotten by logout, here and on the server', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada');
    void rig.session.identify(null);
    await settle();
    await socket.serve({ type: 'auth.loggedOut', id: socket.find('auth.logout').id });
    expect(rig.session.state.user).toBeNull();
    expect(rig.kept.value).toBeUndefined();
  });

  it('is forgotten without a connection too', async () => {
    void rig.session.identify(tokenOf('ada'));
    const socket = await connect();
    await upgraded(socket, 'ada');
    socket.end();
    void rig.session.logout();
    await settle();
    expect(rig.session.state.user).toBeNull();
    rig.session.send('Who am I?');
    await vi.advanceTimersByTimeAsync(600);
    const again = await connect();
    expect(again.types()).toEqual(['message.send']);
  });

  it('asks the page to sign in, and the answer comes without sending again', async () => {
    rig.session.send('My balance?');
    const socket = await connect();
    const message = await accept(socket, 1);
    await socket.serve({ type: 'auth.required', message: message.id, why: 'sign-in-required', tool: { name: 'b', title: 'Balance' }, ways: [{ kind: 'page' }], text: '' });
    expect(heard('authRequired')).toEqual([{ why: 'sign-in-required', tool: { name: 'b', title: 'Balance' } }]);
    void rig.session.identify(tokenOf('ada'));
    await settle();
    await upgraded(socket, 'ada', { carried: true });
    await answer(socket, message, 'It is 5 €.');
    expect(texts()).toContain('It is 5 €.');
    expect(socket.sent.filter((frame) => frame.type === 'message.send')).toHaveLength(1);
  });
});

describe('a token provider', () => {
  it('is asked as soon as the chat is there, for token exchange', async () => {
    const provider = vi.fn(async () => tokenOf('ada'));
    rig.session.setAuthType('tokenExchange', provider);
    const socket = await connect();
    expect(provider).toHaveBeenCalledOnce();
    await upgraded(socket, 'ada');
    expect(rig.session.state.user?.sub).toBe('ada');
  });

  it('is asked once by two who need it', async () => {
    let give = (_: string): void => {};
    const provider = vi.fn(() => new Promise<string>((resolve) => (give = resolve)));
    rig.session.setAuthType('tokenExchange', provider);
    rig.session.send('Hello');
    const socket = await connect();
    expect(rig.session.state.authenticating).toBe(true);
    give(tokenOf('ada'));
    await settle();
    expect(provider).toHaveBeenCalledOnce();
    expect(socket.types()).toEqual(['auth.upgrade']);
  });

  async function signedIn(seconds: number, next: () => string | null): Promise<[FakeSocket, ReturnType<typeof vi.fn>]> {
    const provider = vi.fn(async () => next());
    rig.session.setAuthType('identify', provider);
    void rig.session.identify(tokenOf('ada', seconds));
    const socket = await connect();
    await upgraded(socket, 'ada');
    return [socket, provider];
  }

  it('is asked before a message when five minutes or less are left, and only then', async () => {
    const [socket, provider] = await signedIn(3600, () => tokenOf('ada'));
    rig.session.send('Early');
    await settle();
    expect(provider).not.toHaveBeenCalled();
    await answer(socket, await accept(socket, 1));
    await vi.advanceTimersByTimeAsync(3300_000);
    expect(provider).not.toHaveBeenCalled();
    rig.session.send('Late');
    await settle();
    expect(provider).toHaveBeenCalledOnce();
    expect(socket.types().slice(-1)).toEqual(['auth.refresh']);
    expect(rig.session.state.authenticating).toBe(true);
    await socket.serve({ type: 'auth.refreshed', id: socket.find('auth.refresh').id, expiresAt: nowSeconds() + 3600 });
    expect(socket.types().slice(-1)).toEqual(['message.send']);
  });

  it('that gives another person switches', async () => {
    const [socket] = await signedIn(200, () => tokenOf('bob'));
    rig.session.send('Whose?');
    await settle();
    expect(socket.types()).toEqual(['auth.upgrade', 'auth.upgrade']);
  });

  it('that fails does not hold the message up', async () => {
    const [socket] = await signedIn(200, () => {
      throw new Error('the page is down');
    });
    rig.session.send('Anyway');
    await settle();
    expect(socket.types().slice(-1)).toEqual(['message.send']);
    expect(heard('error')).toContainEqual({ code: 'provider-failed', message: 'the page is down' });
  });

  it('that never answers is given up', async () => {
    rig.session.setAuthType('tokenExchange', () => new Promise(() => {}));
    rig.session.send('Hello');
    const socket = await connect();
    await vi.advanceTimersByTimeAsync(20_001);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(socket.readyState === 1 ? socket.types() : FakeSocket.last.types()).toContain('message.send');
  });

  it('is asked when sign-in is needed, before the visitor is', async () => {
    let token: string | null = null;
    rig.session.setAuthType('identify', async () => token);
    rig.session.send('My balance?');
    const socket = await connect();
    const message = await accept(socket, 1);
    token = tokenOf('ada');
    await socket.serve({ type: 'auth.required', message: message.id, why: 'sign-in-required', ways: [{ kind: 'page' }], text: '' });
    await settle();
    expect(socket.types()).toContain('auth.upgrade');
    expect(heard('authRequired')).toEqual([]);
  });

  it('does not sign in again behind the back of who has signed out', async () => {
    const provider = vi.fn(async () => tokenOf('ada'));
    rig.session.setAuthType('tokenExchange', provider);
    const socket = await connect();
    await upgraded(socket, 'ada');
    void rig.session.logout();
    await settle();
    await socket.serve({ type: 'auth.loggedOut', id: socket.find('auth.logout').id });
    rig.session.send('Hello');
    await settle();
    expect(provider).toHaveBeenCalledOnce();
    expect(socket.types().slice(-1)).toEqual(['message.send']);
  });
});
