// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '../src/session/protocol';
import { type Action, initialState, isBusy, nextWaiting, openSignIn, reduce, type State } from '../src/session/state';
import { announcement } from '../src/chat/announce';
import { en } from '../src/chat/messages/en';
import { translator } from '../src/chat/translate';
import { toRows } from '../src/chat/items';
import { stored } from './helpers';

const STEP = 2 ** 20;
let seq = 0;
const frame = (body: Record<string, unknown>): Action => ({ type: 'frame', frame: { seq: ++seq, ...body } as unknown as ServerFrame });
const after = (...actions: Action[]): State => actions.reduce(reduce, initialState);
const texts = (state: State): string[] => state.items.map((item) => ('text' in item ? item.text : item.kind));

const asked = stored('visitor', 'What is my balance?', 1);
const answered = stored('assistant', 'Your balance is **1,204.50 €**.', 2, { inReplyTo: asked.id });
const composed: Action = { type: 'composed', key: 'k1', text: asked.text };
const sent: Action = { type: 'sent', key: 'k1' };
const accepted = frame({ type: 'message.accepted', id: 'k1', conversation: 'conv_1', message: asked, duplicate: false, seq: STEP });
const delta = (offset: number, text: string): Action => frame({ type: 'assistant.delta', message: asked.id, offset, text, seq: STEP + ++seq });
const done = frame({ type: 'assistant.done', inReplyTo: asked.id, message: answered, stopped: false, seq: 2 * STEP });
const required = frame({ type: 'auth.required', message: asked.id, why: 'sign-in-required', tool: { name: 'b', title: 'Balance' }, ways: [{ kind: 'page' }], text: '' });
const upgraded = (sub: string, more = {}): Action =>
  frame({ type: 'auth.upgraded', user: { sub, name: sub.toUpperCase() }, expiresAt: 0, conversation: 'conv_1', carried: false, switched: false, ...more });

describe('a message', () => {
  it('waits, is sent, is accepted, is answered', () => {
    expect(nextWaiting(after(composed))?.key).toBe('k1');
    expect(isBusy(after(composed, sent))).toBe(true);
    const held = after(composed, sent, accepted);
    expect(held.turn).toBe(asked.id);
    expect(held.items[0]).toMatchObject({ status: 'accepted', id: asked.id, position: 1 });
    const end = after(composed, sent, accepted, done);
    expect(end.turn).toBeNull();
    expect(texts(end)).toEqual([asked.text, answered.text]);
  });

  it('that is accepted twice stands there once', () => {
    const again = frame({ type: 'message.accepted', id: 'k1', conversation: 'conv_1', message: asked, duplicate: true });
    expect(texts(after(composed, sent, accepted, again))).toEqual([asked.text]);
  });

  it('whose acknowledgement was lost is recognised in what is resumed', () => {
    const resumed = frame({ type: 'conversation.resumed', conversation: 'conv_1', messages: [asked], waiting: null });
    const state = after(composed, sent, resumed, accepted);
    expect(texts(state)).toEqual([asked.text]);
    expect(state.items[0]).toMatchObject({ status: 'accepted', key: 'k1' });
  });

  it('that failed is tried again at the end, under the id given', () => {
    const state = after(composed, { type: 'failed', key: 'k1', failure: 'unavailable' }, { type: 'composed', key: 'k2', text: 'two' }, { type: 'retried', key: 'k1', newKey: 'k3' });
    expect(state.items.map((item) => item.key)).toEqual(['k2', 'k3']);
    expect(nextWaiting(state)?.key).toBe('k2');
  });
});

describe('an answer\'s pieces', () => {
  const start = [composed, sent, accepted] as const;
  const text = (...pieces: Action[]): string | undefined => {
    const answer = after(...start, ...pieces).items.find((item) => item.kind === 'answer');
    return answer?.kind === 'answer' ? answer.text : undefined;
  };

  it('join', () => expect(text(delta(0, 'Your '), delta(5, 'balance'))).toBe('Your balance'));
  it('that are there already are left out', () => expect(text(delta(0, 'Your '), delta(0, 'Your '), delta(3, 'r balance'))).toBe('Your balance'));
  it('that begin anew after a lost connection do not double', () => expect(text(delta(0, 'Your bal'), delta(0, 'Your balance is'))).toBe('Your balance is'));
  it('after a gap wait for the whole', () => expect(text(delta(0, 'Your '), delta(40, 'Ada'))).toBe('Your '));
  it('missed at the beginning wait for the whole', () => expect(text(delta(12, 'is'), done)).toBe(answered.text));
  it('give way to the whole', () => expect(text(delta(0, 'Your'), done)).toBe(answered.text));
  it('that come late change nothing', () => expect(text(done, delta(0, 'Your other'))).toBe(answered.text));
  it.each([
    [{ stopped: true }, 'stopped'],
    [{ failed: true }, 'failed'],
    [{}, 'done'],
  ])('end with %j as %s', (how, status) => {
    const end = frame({ type: 'assistant.done', inReplyTo: asked.id, message: answered, stopped: false, ...how });
    expect(after(...start, delta(0, 'x'), end).items.at(-1)).toMatchObject({ kind: 'answer', status });
  });
});

describe('tools', () => {
  const started = (call: string, title: string): Action => frame({ type: 'tool.started', call, message: asked.id, tool: { name: title, title } });
  const finished = (call: string, outcome: string): Action => frame({ type: 'tool.finished', call, message: asked.id, tool: { name: '', title: '' }, outcome });

  it('stand before the answer and fold into one row', () => {
    const state = after(composed, sent, accepted, started('1', 'Balance'), finished('1', 'ok'), delta(0, 'Your'), started('2', 'Rates'), finished('2', 'failed'));
    expect(toRows(state.items).map((row) => row.kind)).toEqual(['visitor', 'tools', 'answer']);
    expect(state.items.map((item) => (item.kind === 'tool' ? item.outcome : item.kind))).toEqual(['visitor', 'ok', 'failed', 'answer']);
  });
  it('said twice are shown once', () => expect(after(composed, accepted, started('1', 'B'), started('1', 'B')).items).toHaveLength(2));
  const used = [
    { name: 'b', title: 'Balance', outcome: 'ok' as const },
    { name: 'r', title: 'Rates', outcome: 'refused' as const },
  ];
  const outcomes = (state: State): string[] => state.items.map((item) => (item.kind === 'tool' ? `${item.title} ${item.outcome}` : item.kind));
  it('are what the answer says in the end', () => {
    const end = frame({ type: 'assistant.done', inReplyTo: asked.id, message: { ...answered, tools: used }, stopped: false });
    expect(outcomes(after(composed, accepted, started('1', 'Balance'), end))).toEqual(['visitor', 'Balance ok', 'Rates refused', 'answer']);
  });
  it('stand in what is resumed too, once', () => {
    const resumed = frame({ type: 'conversation.resumed', conversation: 'conv_1', messages: [asked, { ...answered, tools: used }], waiting: null });
    expect(outcomes(after(resumed, resumed))).toEqual(['visitor', 'Balance ok', 'Rates refused', 'answer']);
  });
});

describe('sign-in', () => {
  it('asks, and ends the turn', () => {
    const state = after(composed, sent, accepted, required);
    expect(openSignIn(state)).toMatchObject({ message: asked.id, tool: { title: 'Balance' } });
    expect(isBusy(state)).toBe(false);
  });
  it('goes on with the message that waited', () => {
    const state = after(composed, sent, accepted, required, upgraded('ada'));
    expect(openSignIn(state)).toBeUndefined();
    expect(state.turn).toBe(asked.id);
    expect(state.items.at(-1)).toMatchObject({ what: 'signed-in', name: 'ADA' });
  });
  it('declined asks no more', () => expect(openSignIn(after(composed, accepted, required, { type: 'declined', message: asked.id }))).toBeUndefined());
  it('of a later message takes the place of an earlier one', () => {
    const second = frame({ type: 'auth.required', message: 'msg_2', why: 'required', ways: [{ kind: 'popup', url: 'https://acme.example/login' }], text: '' });
    const state = after(composed, accepted, required, second);
    expect(state.items.filter((item) => item.kind === 'sign-in' && item.status === 'open')).toHaveLength(1);
    expect(openSignIn(state)?.url).toBe('https://acme.example/login');
  });
  it('says nothing when nothing was said yet', () => expect(after(upgraded('ada')).items).toEqual([]));
  it('said again after a reconnection is no news', () => expect(after(composed, accepted, done, upgraded('ada'), upgraded('ada')).items.filter((item) => item.kind === 'notice')).toHaveLength(1));
});

describe('somebody else', () => {
  const talk = [upgraded('ada'), composed, sent, accepted, done] as const;
  it('never sees what was said, when the server says so', () => {
    const state = after(...talk, upgraded('bob', { switched: true, conversation: 'conv_2' }));
    expect(texts(state)).toEqual(['notice']);
    expect(state.conversation).toBe('conv_2');
  });
  it('nor when only we know', () => expect(texts(after(...talk, upgraded('bob', { conversation: 'conv_2' })))).toEqual(['notice']));
  it('nor after the first one\'s sign-in had ended', () => {
    const expired = frame({ type: 'auth.expired', reason: 'expired', detail: '', message: '' });
    const state = after(...talk, expired);
    expect(state.user).toBeNull();
    expect(texts(state)).toContain(asked.text);
    expect(texts(reduce(state, upgraded('bob')))).toEqual(['notice']);
    expect(texts(reduce(state, upgraded('ada')))).toContain(asked.text);
  });
  it('nor after a sign-out', () => expect(texts(after(...talk, frame({ type: 'auth.loggedOut' })))).toEqual(['notice']));
  it('but what waits to be sent is kept', () => expect(texts(after(...talk, { type: 'composed', key: 'k9', text: 'next' }, frame({ type: 'auth.loggedOut' })))).toEqual(['next', 'notice']));
  it('leaves an anonymous visitor\'s own messages where they are', () => {
    expect(texts(after(composed, sent, accepted, done, upgraded('ada', { carried: true })))).toEqual([asked.text, answered.text, 'notice']);
  });
});

describe('coming back', () => {
  const resumed = (messages: unknown[], waiting: string | null = null): Action => frame({ type: 'conversation.resumed', conversation: 'conv_1', messages, waiting, seq: 5 * STEP });
  it('shows what was said, in order', () => {
    const later = stored('visitor', 'And yours?', 3);
    expect(texts(after(resumed([later, asked, answered])))).toEqual([asked.text, answered.text, later.text]);
  });
  it('completes a half answer', () => {
    const state = after(composed, sent, accepted, delta(0, 'Your'), resumed([answered]));
    expect(texts(state)).toEqual([asked.text, answered.text]);
    expect(state.turn).toBeNull();
  });
  it('doubles nothing', () => expect(texts(after(composed, sent, accepted, done, resumed([asked, answered])))).toEqual([asked.text, answered.text]));
  it('knows that the last message is still to be answered', () => expect(after(resumed([asked])).turn).toBe(asked.id));
  it('knows that it waits for sign-in', () => {
    const state = reduce(initialState, { ...resumed([asked], asked.id), signInUrl: 'https://acme.example/login' } as Action);
    expect(state.turn).toBeNull();
    expect(openSignIn(state)).toMatchObject({ message: asked.id, url: 'https://acme.example/login' });
  });
  it('lets a message be asked again whose answer was lost', () => {
    const state = after(composed, sent, accepted, delta(0, 'Your'), { type: 'unanswered' });
    expect(state.items[0]).toMatchObject({ status: 'failed', failure: 'unanswered' });
    expect(isBusy(state)).toBe(false);
  });
});

describe('the sequence', () => {
  it('is the highest seen in the conversation', () => expect(after(composed, sent, accepted, done).lastSeq).toBe(2 * STEP));
  it('is not touched by a connection\'s first frame', () => {
    expect(after(composed, sent, accepted, frame({ type: 'session.started', session: 's', protocol: 1, seq: 1 })).lastSeq).toBe(STEP);
  });
  it('begins anew in another conversation', () => {
    const created = frame({ type: 'sdk.session.created', visitor: 'v', conversation: 'conv_9', anonymous: true, resumeKey: 'rk_9', seq: 3 });
    expect(after(composed, sent, accepted, done, created)).toMatchObject({ lastSeq: 3, conversation: 'conv_9', resumeKey: 'rk_9' });
  });
});

describe('what a screen reader is told', () => {
  const t = translator(en, 'en');
  const says = (before: State, ...actions: Action[]): string => announcement(before, actions.reduce(reduce, before), t, (text) => text.replaceAll('*', ''));
  it('is a whole answer, once', () => {
    const growing = after(composed, sent, accepted, delta(0, 'Your'));
    expect(says(growing, delta(4, ' balance'))).toBe('');
    expect(says(growing, done)).toBe('Your balance is 1,204.50 €.');
    expect(says(reduce(growing, done), done)).toBe('');
  });
  it('is not the history', () => expect(says(initialState, frame({ type: 'conversation.resumed', conversation: 'c', messages: [asked, answered], waiting: null }))).toBe(''));
  it('is that sign-in is needed, and that it is done', () => {
    expect(says(after(composed, accepted), required)).toBe(en.signInTitle);
    expect(says(after(composed, accepted, required), upgraded('ada'))).toBe('Signed in as ADA.');
  });
  it('is the connection, when it troubles', () => {
    const troubled: Action = { type: 'connection', connection: 'reconnecting' };
    expect(says(initialState, troubled)).toBe(en.reconnecting);
    expect(says(after(composed), troubled)).toBe(en.reconnectingKept);
    expect(says(after(troubled), { type: 'connection', connection: 'open' })).toBe(en.connected);
  });
});
