// SPDX-License-Identifier: Apache-2.0
/** What the chat knows, and how each thing that happens changes it. Pure: no clock, no socket, no page. */
import type { FrameOf, ServerFrame, StoredMessage, ToolName, ToolOutcome, User } from './protocol';

export type Connection = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'offline' | 'unavailable';

/** A message of the visitor's. `key` is the client's id for it (or the server's, for one from history). */
export interface VisitorItem {
  kind: 'visitor';
  key: string;
  id?: string;
  position?: number;
  text: string;
  /** waiting: not sent yet; sent: no answer yet; accepted: on the server's disk; failed: `failure` says why. */
  status: 'waiting' | 'sent' | 'accepted' | 'failed';
  failure?: string;
  retryAfter?: number;
  /** It was sent once, and whether the server has it is not known. */
  tried?: boolean;
  verified: boolean;
}

export interface AnswerItem {
  kind: 'answer';
  key: string;
  /** The server's id of the message it answers. */
  inReplyTo: string;
  /** It came while the visitor looked on, and is not from history. */
  isNews: boolean;
  id?: string;
  position?: number;
  text: string;
  status: 'streaming' | 'done' | 'stopped' | 'failed';
}

export interface ToolItem {
  kind: 'tool';
  key: string;
  message: string;
  title: string;
  outcome: 'running' | ToolOutcome;
}

export interface SignInItem {
  kind: 'sign-in';
  key: string;
  message: string;
  why: string;
  tool?: ToolName;
  url?: string;
  status: 'open' | 'done' | 'declined';
}

export interface NoticeItem {
  kind: 'notice';
  key: string;
  what: 'signed-in' | 'switched' | 'signed-out' | 'expired' | 'sign-in-failed';
  name?: string;
}

export type Item = VisitorItem | AnswerItem | ToolItem | SignInItem | NoticeItem;

export interface State {
  connection: Connection;
  items: readonly Item[];
  user: User | null;
  /** Whose messages stand in `items`, also after they have signed out by expiry: nobody else may see them. */
  owner: string | null;
  /** A token is on its way, or being asked for: the send button shows a spinner. */
  authenticating: boolean;
  conversation?: string;
  resumeKey?: string;
  /** The `seq` of the last frame seen in this conversation: where a later connection goes on. */
  lastSeq: number;
  /** The server's id of the message that is being answered. */
  turn: string | null;
  /** Makes keys for what the server gives no id. */
  made: number;
}

export const initialState: State = {
  connection: 'idle',
  items: [],
  user: null,
  owner: null,
  authenticating: false,
  lastSeq: 0,
  turn: null,
  made: 0,
};

export type Action =
  | { type: 'frame'; frame: ServerFrame; signInUrl?: string | undefined }
  | { type: 'composed'; key: string; text: string }
  | { type: 'sent'; key: string }
  | { type: 'failed'; key: string; failure: string; retryAfter?: number | undefined }
  | { type: 'waiting'; key: string }
  | { type: 'retried'; key: string; newKey: string }
  | { type: 'discarded'; key: string }
  | { type: 'connection'; connection: Connection }
  | { type: 'authenticating'; on: boolean }
  | { type: 'declined'; message: string }
  | { type: 'anonymous'; what?: 'expired' | 'sign-in-failed' }
  | { type: 'remembered'; conversation: string; resumeKey?: string; lastSeq: number }
  | { type: 'lost' }
  | { type: 'entered'; conversation: string | undefined }
  | { type: 'heard'; messages: StoredMessage[] }
  | { type: 'unanswered' };

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'frame':
      return withSeq(state, applyFrame(state, action.frame, action.signInUrl), action.frame);
    case 'composed':
      return append(state, {
        kind: 'visitor',
        key: action.key,
        text: action.text,
        status: 'waiting',
        verified: false,
      });
    case 'sent':
      return changeVisitor(state, action.key, { status: 'sent', tried: true });
    case 'waiting':
      return changeVisitor(state, action.key, { status: 'waiting' });
    case 'failed':
      return changeVisitor(state, action.key, {
        status: 'failed',
        failure: action.failure,
        ...(action.retryAfter === undefined ? {} : { retryAfter: action.retryAfter }),
      });
    case 'retried':
      return retry(state, action.key, action.newKey);
    case 'discarded':
      return { ...state, items: state.items.filter((item) => item.key !== action.key) };
    case 'connection':
      return { ...state, connection: action.connection };
    case 'authenticating':
      return { ...state, authenticating: action.on };
    case 'declined':
      return changeSignIn(state, 'declined', action.message);
    case 'anonymous':
      return action.what
        ? append({ ...state, user: null }, notice(state, action.what))
        : { ...state, user: null };
    case 'remembered': {
      const { resumeKey: _, ...rest } = state;
      return {
        ...rest,
        conversation: action.conversation,
        lastSeq: action.lastSeq,
        ...(action.resumeKey ? { resumeKey: action.resumeKey } : {}),
      };
    }
    case 'lost': {
      const { resumeKey: _, ...rest } = enter(state, undefined);
      return { ...rest, turn: null };
    }
    case 'entered':
      return enter(emptied(state), action.conversation);
    case 'heard':
      return merge(state, action.messages);
    case 'unanswered':
      return markUnanswered(state);
  }
}

/** Nothing more may be sent now: an answer is being written, or a message has not been acknowledged yet. */
export function isBusy(state: State): boolean {
  return state.turn !== null || state.items.some((item) => item.kind === 'visitor' && item.status === 'sent');
}

/** The message to send next, oldest first. */
export function nextWaiting(state: State): VisitorItem | undefined {
  return state.items.find((item): item is VisitorItem => item.kind === 'visitor' && item.status === 'waiting');
}

/** The sign-in card that is still open; a later one takes the place of an earlier one. */
export function openSignIn(state: State): SignInItem | undefined {
  return state.items.findLast((item): item is SignInItem => item.kind === 'sign-in' && item.status === 'open');
}

function applyFrame(state: State, frame: ServerFrame, signInUrl: string | undefined): State {
  switch (frame.type) {
    case 'sdk.session.created':
      return created(state, frame);
    case 'auth.upgraded':
      return upgraded(state, frame);
    case 'auth.expired':
      return append({ ...state, user: null }, notice(state, 'expired'));
    case 'auth.required':
      return required(state, frame);
    case 'auth.loggedOut':
      return append(emptied({ ...state, user: null, owner: null }), notice(state, 'signed-out'));
    case 'conversation.left':
      return emptied(state);
    case 'message.accepted':
      return accepted(state, frame);
    case 'tool.started':
      return toolStarted(state, frame);
    case 'tool.finished':
      return mapItems(state, (item) =>
        item.kind === 'tool' && item.key === toolKey(frame) ? { ...item, outcome: frame.outcome } : item,
      );
    case 'assistant.delta':
      return delta(state, frame);
    case 'assistant.done':
      return done(state, frame);
    case 'conversation.resumed':
      return resumed(state, frame, signInUrl);
    default:
      return state;
  }
}

/** A server's `seq` rises within a conversation; with another conversation the count begins anew. A connection's own
 * first frames come before any conversation and say nothing about how far we have read in ours. */
function withSeq(before: State, after: State, frame: ServerFrame): State {
  if (frame.type === 'session.started' || after.conversation === undefined) return after;
  const known = before.conversation === after.conversation ? after.lastSeq : 0;
  return frame.seq > known || known !== after.lastSeq ? { ...after, lastSeq: Math.max(known, frame.seq) } : after;
}

function created(state: State, frame: FrameOf<'sdk.session.created'>): State {
  const { resumeKey: _, ...rest } = enter(state, frame.conversation);
  return frame.resumeKey ? { ...rest, resumeKey: frame.resumeKey } : rest;
}

function upgraded(state: State, frame: FrameOf<'auth.upgraded'>): State {
  const someoneElses = state.owner !== null && state.owner !== frame.user.sub;
  const isNew = state.user?.sub !== frame.user.sub;
  const before = frame.switched || someoneElses ? emptied(state) : state;
  const { resumeKey: _, ...rest } = before;
  const waiting = openSignIn(before);
  const next = changeSignIn(
    {
      ...enter(rest, frame.conversation ?? undefined),
      user: frame.user,
      owner: frame.user.sub,
      turn: waiting ? waiting.message : before.turn,
    },
    'done',
  );
  const isSwitched = frame.switched || someoneElses;
  // With nothing said yet there is nothing to divide: the header says who is signed in.
  if (!isNew || (!isSwitched && next.items.length === 0)) return next;
  return append(next, {
    ...notice(state, isSwitched ? 'switched' : 'signed-in'),
    name: frame.user.name ?? frame.user.email ?? frame.user.sub,
  });
}

function required(state: State, frame: FrameOf<'auth.required'>): State {
  const popup = frame.ways.find((way) => way.kind === 'popup');
  const others = changeSignIn(state, 'declined', undefined, frame.message);
  const known = others.items.some((item) => item.kind === 'sign-in' && item.message === frame.message);
  const card: SignInItem = {
    kind: 'sign-in',
    key: `sign-in-${frame.message}`,
    message: frame.message,
    why: frame.why,
    ...(frame.tool ? { tool: frame.tool } : {}),
    ...(popup ? { url: popup.url } : {}),
    status: 'open',
  };
  const next = known
    ? mapItems(others, (item) => (item.key === card.key ? card : item))
    : append(others, card);
  return { ...next, turn: null };
}

function accepted(state: State, frame: FrameOf<'message.accepted'>): State {
  const { message } = frame;
  const items = state.items
    .filter((item) => !(item.kind === 'visitor' && item.id === message.id && item.key !== frame.id))
    .map((item) =>
      item.kind === 'visitor' && item.key === frame.id
        ? acceptedItem(item, message)
        : item,
    );
  const isAnswered = items.some((item) => item.kind === 'answer' && (item.position ?? 0) > message.position);
  const isHeld = items.some((item) => item.kind === 'sign-in' && item.message === message.id && item.status === 'open');
  return { ...enter(state, frame.conversation), items, turn: isAnswered || isHeld ? state.turn : message.id };
}

function acceptedItem(item: VisitorItem, message: StoredMessage): VisitorItem {
  const { failure: _, retryAfter: __, ...rest } = item;
  return { ...rest, id: message.id, position: message.position, status: 'accepted', verified: message.verified };
}

const toolKey = (frame: { message: string; call: string }): string => `${frame.message}:${frame.call}`;

function toolStarted(state: State, frame: FrameOf<'tool.started'>): State {
  const key = toolKey(frame);
  if (state.items.some((item) => item.key === key)) return { ...state, turn: frame.message };
  const tool: ToolItem = { kind: 'tool', key, message: frame.message, title: frame.tool.title, outcome: 'running' };
  const answer = state.items.findIndex((item) => item.kind === 'answer' && item.inReplyTo === frame.message);
  const at = answer < 0 ? state.items.length : answer;
  return { ...state, turn: frame.message, items: state.items.toSpliced(at, 0, tool) };
}

/** Takes a piece where it joins what is there; one that we have is left out, and after a gap we wait for the whole. */
function delta(state: State, frame: FrameOf<'assistant.delta'>): State {
  const answer = state.items.find(
    (item): item is AnswerItem => item.kind === 'answer' && item.inReplyTo === frame.message,
  );
  if (!answer) {
    const text = frame.offset === 0 ? frame.text : '';
    return append(
      { ...state, turn: frame.message },
      { kind: 'answer', key: `answer-${frame.message}`, inReplyTo: frame.message, isNews: true, text, status: 'streaming' },
    );
  }
  if (answer.status !== 'streaming' || frame.offset > answer.text.length) return state;
  const text = answer.text + frame.text.slice(answer.text.length - frame.offset);
  if (text === answer.text) return state;
  return mapItems({ ...state, turn: frame.message }, (item) => (item === answer ? { ...answer, text } : item));
}

function done(state: State, frame: FrameOf<'assistant.done'>): State {
  const { message } = frame;
  const turn = state.turn === frame.inReplyTo ? null : state.turn;
  const status = frame.failed ? 'failed' : frame.stopped ? 'stopped' : 'done';
  const whole = { id: message.id, position: message.position, text: message.text, status, isNews: true } as const;
  const isOurs = (item: Item): item is AnswerItem =>
    item.kind === 'answer' && (item.id === message.id || (item.id === undefined && item.inReplyTo === frame.inReplyTo));
  const known = mapItems({ ...state, turn }, (item) => (isOurs(item) ? { ...item, ...whole } : item));
  const next = known.items.some(isOurs)
    ? known
    : append(known, { kind: 'answer', key: `answer-${frame.inReplyTo}`, inReplyTo: frame.inReplyTo, ...whole });
  return { ...next, items: withTools(next.items, { ...message, inReplyTo: frame.inReplyTo }) };
}

/** The tools that an answer says it used take the place of those seen at work: frames about them may have been lost. */
function withTools(items: readonly Item[], message: StoredMessage): Item[] {
  if (!message.tools) return [...items];
  const asked = message.inReplyTo ?? message.id;
  const others = items.filter((item) => !(item.kind === 'tool' && item.message === asked));
  const at = others.findIndex((item) => item.kind === 'answer' && item.id === message.id);
  const tools = message.tools.map(
    ({ title, outcome }, index): ToolItem => ({ kind: 'tool', key: `${asked}:used-${index}`, message: asked, title, outcome }),
  );
  return others.toSpliced(Math.max(0, at), 0, ...tools);
}

function resumed(state: State, frame: FrameOf<'conversation.resumed'>, signInUrl: string | undefined): State {
  const merged = merge(enter(state, frame.conversation), frame.messages);
  const last = merged.items.findLast((item) => item.kind === 'visitor' || item.kind === 'answer');
  const isOpen = last?.kind === 'visitor' && last.status === 'accepted' && last.id !== undefined;
  const turn = isOpen && last.id !== frame.waiting ? (last.id ?? null) : null;
  const next = { ...merged, turn };
  if (frame.waiting === null || next.items.some((item) => item.kind === 'sign-in' && item.message === frame.waiting))
    return next;
  return append(next, {
    kind: 'sign-in',
    key: `sign-in-${frame.waiting}`,
    message: frame.waiting,
    why: 'sign-in-required',
    ...(signInUrl ? { url: signInUrl } : {}),
    status: 'open',
  });
}

/** Brings messages as the server has stored them into what is shown: known ones are completed, others put where their
 * position says. A message of ours whose acknowledgement was lost is recognised by its text and not shown twice; it is
 * sent again all the same, for only its id is proof, and the server knows that. */
function merge(state: State, messages: readonly StoredMessage[]): State {
  let items: Item[] = [...state.items];
  for (const message of messages) {
    const at = items.findIndex((item) => isSame(item, message));
    const found = items[at];
    if (found?.kind === 'answer')
      items[at] = { ...found, id: message.id, position: message.position, text: message.text, status: settledStatus(found) };
    else if (found?.kind === 'visitor')
      items[at] = { ...found, id: message.id, position: message.position, verified: message.verified };
    else items = insert(items, fromStored(message));
    if (message.role === 'assistant') items = withTools(items, message);
  }
  return { ...state, items };
}

function settledStatus(item: AnswerItem): AnswerItem['status'] {
  return item.status === 'streaming' ? 'done' : item.status;
}

function isSame(item: Item, message: StoredMessage): boolean {
  if (item.kind === 'visitor' && message.role === 'visitor')
    return item.id === message.id || (item.id === undefined && item.tried === true && item.text === message.text);
  if (item.kind !== 'answer' || message.role !== 'assistant') return false;
  return item.id === undefined ? item.inReplyTo === message.inReplyTo : item.id === message.id;
}

function fromStored(message: StoredMessage): VisitorItem | AnswerItem {
  const { id, position, text, verified, inReplyTo = '' } = message;
  return message.role === 'visitor'
    ? { kind: 'visitor', key: id, id, position, text, status: 'accepted', verified }
    : { kind: 'answer', key: id, id, position, inReplyTo, isNews: false, text, status: 'done' };
}

function insert(items: readonly Item[], item: VisitorItem | AnswerItem): Item[] {
  const isLater = (other: Item): boolean =>
    (other.kind === 'visitor' || other.kind === 'answer') && (other.position ?? Infinity) > (item.position ?? Infinity);
  const at = items.findIndex(isLater);
  return items.toSpliced(at < 0 ? items.length : at, 0, item);
}

/** The answer never came (the server ended while writing it): the message can be asked again. */
function markUnanswered(state: State): State {
  const asked = mapItems(state, (item) =>
    item.kind === 'visitor' && item.id !== undefined && item.id === state.turn
      ? { ...item, status: 'failed', failure: 'unanswered' }
      : item,
  );
  const items = asked.items
    .filter((item) => !(item.kind === 'tool' && item.message === state.turn && item.outcome === 'running'))
    .map((item) => (item.kind === 'answer' && item.status === 'streaming' ? { ...item, status: 'stopped' as const } : item));
  return { ...asked, items, turn: null };
}

/** Tried again at the end of the transcript: under the same id where the server may have it, as a new one otherwise. */
function retry(state: State, key: string, newKey: string): State {
  const item = state.items.find((other) => other.key === key);
  if (item?.kind !== 'visitor') return state;
  const again: VisitorItem = { kind: 'visitor', key: newKey, text: item.text, status: 'waiting', verified: false };
  return { ...state, items: [...state.items.filter((other) => other !== item), again] };
}

function enter(state: State, conversation: string | undefined): State {
  if (state.conversation === conversation) return state;
  const { conversation: _, ...rest } = state;
  return { ...rest, lastSeq: 0, ...(conversation === undefined ? {} : { conversation }) };
}

/** Without what was said; messages that are not sent yet are kept. */
function emptied(state: State): State {
  const { conversation: _, resumeKey: __, ...rest } = state;
  const items = state.items.filter((item) => item.kind === 'visitor' && item.status === 'waiting');
  return { ...rest, items, lastSeq: 0, turn: null };
}

function notice(state: State, what: NoticeItem['what']): NoticeItem {
  return { kind: 'notice', key: `notice-${state.made}`, what };
}

function append(state: State, item: Item): State {
  return { ...state, items: [...state.items, item], made: state.made + 1 };
}

function mapItems(state: State, change: (item: Item) => Item): State {
  return { ...state, items: state.items.map(change) };
}

function changeVisitor(state: State, key: string, change: Partial<VisitorItem>): State {
  return mapItems(state, (item) => (item.kind === 'visitor' && item.key === key ? { ...item, ...change } : item));
}

/** Closes open sign-in cards: that of `only` where given, and never that of `except`. */
function changeSignIn(state: State, status: SignInItem['status'], only?: string, except?: string): State {
  return mapItems(state, (item) =>
    item.kind === 'sign-in' &&
    item.status === 'open' &&
    item.message !== except &&
    (only === undefined || item.message === only)
      ? { ...item, status }
      : item,
  );
}
