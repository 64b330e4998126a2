// SPDX-License-Identifier: Apache-2.0
import { administrator, ago, here, live, there } from '../data.mjs';
import { listed } from '../stand-in.mjs';
import { log } from './trust.mjs';

const id = (prefix, at) => `${prefix}_0190a1b2c3d47e5f80718293a4b5c${String(at).padStart(3, '0')}`;
const visitor = (at, name, email, subject, more = {}) => ({ id: id('vis', at), kind: subject ? 'verified' : 'anonymous', issuer: subject ? 'app' : null, subject, name, email, firstSeenAt: ago(86_400 * (at + 2) * 3), lastSeenAt: ago(70 * (at + 1) ** 3), revokedAt: null, ...more });
const visitors = [
  visitor(1, 'Ada Lovelace', 'ada@acme.example', 'customer-ada'), visitor(2, 'Bob Babbage', 'bob@acme.example', 'customer-bob'), visitor(3, null, null, null), visitor(4, 'Grace Hopper', 'grace@acme.example', 'customer-grace', { revokedAt: ago(1200) }),
  visitor(5, null, null, null), visitor(6, null, 'li@acme.example', 'customer-li'), visitor(7, 'Σωκράτης', null, 'customer-7'),
];
const ada = { ...visitors[0], counts: { conversations: 12, sessions: 31, openSessions: 2 } };
const conversation = (at, title, of, count) => ({ id: id('conv', at), title, visitor: of.id, visitorKind: of.kind, visitorSubject: of.subject, visitorName: of.name, visitorEmail: of.email, messageCount: count, createdAt: ago(4000 * (at + 1) ** 2), updatedAt: ago(200 * (at + 1) ** 2) });
const conversations = [
  conversation(1, 'What is my balance?', visitors[0], 8), conversation(2, 'What are your business hours?', visitors[2], 2), conversation(3, 'I have lost my card, and I do not know whether somebody has used it since', visitors[1], 14),
  conversation(4, 'Where are your branches?', visitors[4], 4), conversation(5, 'my transactions', visitors[0], 6),
];
const message = (position, role, text, more = {}) => ({ id: id('msg', position), position, role, text, subject: null, issuer: null, state: 'answered', refused: null, tools: [], stopped: false, failed: false, createdAt: ago(600 - position * 20), ...more });
const proven = { subject: 'customer-ada', issuer: 'app' };
const messages = [
  message(1, 'visitor', 'What are your business hours?'),
  message(2, 'assistant', 'We are open **Monday to Friday, 9:00 to 17:00**.'),
  message(3, 'visitor', 'What is my balance?', { ...proven }),
  message(4, 'tool-result', '{"result":{"account":"1001","balance":"1,204.50","currency":"EUR"}}'),
  message(5, 'assistant', 'Your balance is **1,204.50 EUR**, Ada Lovelace.', { tools: [{ name: 'get_balance', title: 'Account balance', outcome: 'ok' }] }),
  message(6, 'visitor', 'And the latest transactions?', { ...proven }),
  message(7, 'assistant', 'The latest on account 1001:\n\n| date | what | amount |\n|---|---|---:|\n| 2026-11-20 | Bookshop | −12.00 EUR |\n| 2026-11-18 | Salary | 3,100.00 EUR |', { tools: [{ name: 'list_transactions', title: 'Latest transactions', outcome: 'ok' }] }),
  message(8, 'visitor', 'freeze the card of account 2002', { ...proven }),
  message(9, 'assistant', 'You may not do that.', { tools: [{ name: 'freeze_card', title: 'Freeze the card', outcome: 'refused' }] }),
  message(10, 'visitor', 'Hello?', { state: 'waiting' }),
];
const session = (at, state, more = {}) => ({ id: id('ses', at), visitor: ada.id, subject: 'customer-ada', visitorName: 'Ada Lovelace', issuer: 'app', token: `sha256:0f3a9c1e7b2d440${at}`, client: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0', startedAt: ago(900 * at ** 2), lastSeenAt: ago(200 * at ** 2), endedAt: state === 'ended' ? ago(100 * at) : null, revokedAt: state === 'revoked' ? ago(100 * at) : null, state, ...more });

const own = {
  'GET /admins': listed([administrator]),
  [`GET ${there}/audit`]: log,
  [`GET ${there}/visitors`]: (url) => listed(visitors.filter((one) => !url.searchParams.get('kind') || one.kind === url.searchParams.get('kind'))),
  [`GET ${there}/visitors/${ada.id}`]: ada,
  [`GET ${there}/visitors/${visitors[2].id}`]: { ...visitors[2], counts: { conversations: 1, sessions: 0, openSessions: 0 } },
  [`GET ${there}/visitors/${ada.id}/conversations`]: listed(conversations.filter((one) => one.visitor === ada.id)),
  [`GET ${there}/visitors/${visitors[2].id}/conversations`]: listed([conversations[1]]),
  [`GET ${there}/visitors/${ada.id}/sessions`]: listed([session(1, 'open'), session(2, 'open'), session(3, 'ended'), session(4, 'revoked')]),
  [`GET ${there}/conversations`]: listed(conversations),
  [`GET ${there}/conversations/${conversations[0].id}`]: conversations[0],
  [`GET ${there}/conversations/${conversations[0].id}/messages`]: listed(messages),
};

const of = (name, path, more = {}) => ({ name: `people-${name}`, path: `${here}${path}`, environment: live.id, isFullPage: true, ...more, answers: { ...own, ...more.answers } });

/** The parts of the dashboard share a table of answers; what others tell of the same paths is not ours. */
export const answers = {};

export const pages = [
  of('visitors', '/visitors'),
  of('visitors-empty', '/visitors', { answers: { [`GET ${there}/visitors`]: listed([]) } }),
  of('visitor', `/visitors/${ada.id}`),
  of('visitor-anonymous', `/visitors/${visitors[2].id}`),
  of('visitor-sign-out', `/visitors/${ada.id}`, { act: (page) => page.getByRole('button', { name: 'Sign out now' }).click(), isFullPage: false }),
  of('visitor-erase', `/visitors/${ada.id}`, { act: (page) => page.getByRole('button', { name: 'Erase' }).click(), isFullPage: false }),
  of('conversations', '/conversations'),
  of('conversations-empty', '/conversations', { answers: { [`GET ${there}/conversations`]: listed([]) } }),
  of('conversation', `/conversations/${conversations[0].id}`),
];
