// SPDX-License-Identifier: Apache-2.0
import { administrator, ago, here, live, there } from '../data.mjs';
import { listed } from '../stand-in.mjs';

const row = (at, action, more = {}) => ({
  id: `aud_0190a1b2c3d47e5f80718293a4b5c${String(at).padStart(3, '0')}`, at: ago(at * at * 9), environment: live.id, action, actor: null, visitor: null, subject: null, issuer: null, actingFor: null, session: null, conversation: null,
  tool: null, parameters: null, values: null, token: null, target: null, outcome: 'allowed', reason: null, detail: null, durationMs: null, before: null, after: null, ...more,
});
const ada = { visitor: 'vis_0190a1b2c3d47e5f80718293a4b5c001', subject: 'customer-ada', issuer: 'app', session: 'ses_0190a1b2c3d47e5f80718293a4b5c001', conversation: 'conv_0190a1b2c3d47e5f80718293a4b5c001', token: 'sha256:0f3a9c1e7b2d4401' };
const rows = [
  row(1, 'tool.call', { ...ada, tool: 'get_balance', parameters: ['account', 'currency'], values: { account: null, currency: 'EUR' }, durationMs: 38.214 }),
  row(2, 'visitor.identify', { ...ada }),
  row(3, 'tool.call', { visitor: 'vis_0190a1b2c3d47e5f80718293a4b5c003', tool: 'get_balance', parameters: [], outcome: 'refused', reason: 'sign-in-required' }),
  row(4, 'tool.put', { actor: `admin:${administrator.id}`, target: 'tool:get_balance', before: { name: 'get_balance', timeoutSeconds: 10, permissions: ['balance:read'], access: 'sign-in' }, after: { name: 'get_balance', timeoutSeconds: 20, permissions: ['balance:read', 'accounts'], access: 'sign-in', title: 'Account balance' } }),
  row(5, 'visitor.identify', { subject: 'customer-bob', issuer: 'app', outcome: 'refused', reason: 'expired', detail: 'exp-passed' }),
  row(6, 'tool.call', { ...ada, tool: 'freeze_card', parameters: ['account'], values: {}, outcome: 'failed', reason: 'timed-out', durationMs: 10_004 }),
  row(7, 'secret.generate', { actor: 'cli:ada', target: 'secret:app' }),
  row(8, 'visitor.identify', { subject: 'customer-li', issuer: 'login', outcome: 'refused', reason: 'bad-claim', detail: 'aud-mismatch' }),
  row(9, 'tool.call', { ...ada, tool: 'list_transactions', parameters: ['account', 'count'], values: { count: 3 }, durationMs: 51.7 }),
  row(10, 'environment.set-config', { actor: 'token:tok_0190a1b2c3d4', target: 'environment:live', before: null, after: { origins: ['https://shop.acme.example'] } }),
  row(11, 'knowledge.remove', { actor: 'admin:adm_0190a1b2c3d47e5f80718293a4b5c999', target: 'knowledge:what-to-do-when-a-card-was-lost-abroad' }),
  row(12, 'tool.call', { ...ada, subject: 'auth0|5f7c8ec7c33c6c004bbafe82|acme-bank-customers', tool: 'list_standing_orders_of_account', outcome: 'refused', reason: 'permission-missing', durationMs: 2.1 }),
];

export const log = (url) => {
  if (url.searchParams.get('order') === 'oldest') return { items: [], next: 'end' };
  return listed(rows.filter((one) => ['action', 'tool', 'subject', 'outcome', 'reason', 'actor', 'visitor'].every((name) => !url.searchParams.get(name) || one[name] === url.searchParams.get(name))));
};
const own = {
  // A link that has the focus reads ahead where it leads.
  [`GET ${there}/tools/get_balance`]: { id: 'tool_1', name: 'get_balance', version: 1, createdAt: ago(60), updatedAt: ago(60), document: { name: 'get_balance', url: 'https://app.acme.example/tools/balance' } },
  'GET /admins': listed([administrator]), [`GET ${there}/audit`]: log, 'GET /audit': log };

const of = (name, path, more = {}) => ({ name: `trust-${name}`, path, environment: live.id, isFullPage: true, ...more, answers: { ...own, ...more.answers } });
const open = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

/** The parts of the dashboard share a table of answers; what others tell of the same paths is not ours. */
export const answers = {};

export const pages = [
  of('audit', `${here}/audit`),
  of('audit-live', `${here}/audit?outcome=refused&last=24h`, { act: async (page) => { await page.getByRole('button', { name: 'Live', exact: true }).click(); await page.getByText('Following the log').waitFor(); } }),
  of('audit-call', `${here}/audit`, { act: open(/tool\.call/), isFullPage: false }),
  of('audit-change', `${here}/audit`, { act: open(/tool\.put/), isFullPage: false }),
  of('audit-none', `${here}/audit?tool=none`),
  of('audit-empty', `${here}/audit`, { answers: { [`GET ${there}/audit`]: listed([]) } }),
  of('audit-installation', '/audit'),
];
