// SPDX-License-Identifier: Apache-2.0
import { administrator, ago, here, live, product, session, there } from '../data.mjs';
import { listed, problem } from '../stand-in.mjs';
import { log } from './trust.mjs';

const schema = {
  type: 'object',
  properties: { account: { type: 'string', description: 'The account’s number.' }, currency: { type: 'string', enum: ['EUR', 'USD', 'GBP'], description: 'In which currency to answer.' }, days: { type: 'integer', minimum: 1, maximum: 90, description: 'How many days back.' } },
  required: ['account'], additionalProperties: false,
};
const documents = [
  {
    name: 'get_balance', title: 'Account balance', description: 'The current balance of the visitor’s account.', url: 'https://app.acme.example/tools/balance', timeoutSeconds: 10, access: 'sign-in', requiredClaims: ['accountId'], permissions: ['balance:read'],
    parameters: schema, bind: { account: 'accountId' }, auditValues: ['currency'], triggers: ['my balance', 'balance in {currency}'], answer: 'Your balance is **{balance} {currency}**, {user.name}.',
  },
  { name: 'find_branches', title: 'Branches', description: 'Where to find us.', url: 'https://app.acme.example/tools/branches', access: 'public', parameters: { type: 'object', properties: {}, additionalProperties: false }, triggers: ['your branches'] },
  { name: 'freeze_card', title: 'Freeze the card', description: 'Freezes the card at once.', url: 'https://app.acme.example/tools/freeze-card', access: 'sign-in', requiredClaims: ['accountId'], permissions: ['card:freeze'], parameters: { type: 'object', properties: { account: { type: 'string' } }, required: ['account'] }, bind: { account: 'accountId' } },
  { name: 'track_order', title: 'Track an order', description: 'Where a parcel is, by its number.', url: 'https://shop.acme.example/tools/track', access: 'public', parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] } },
];
const stored = (document, at) => ({ id: `tool_0190a1b2c3d47e5f80718293a4b5c6d${at}`, name: document.name, version: 3, createdAt: ago(86_400 * 30), updatedAt: ago(3600 * (at + 1) ** 3), document });
const tools = documents.map(stored);
const modelSees = { name: 'get_balance', description: documents[0].description, parameters: { type: 'object', properties: { currency: schema.properties.currency, days: schema.properties.days }, required: [], additionalProperties: false } };
const check = { isValid: true, problems: [], modelSees, warnings: [] };
const tried = {
  verdict: { verified: true, reason: null, detail: null, message: 'The token is good.', fix: null, issuer: 'app' },
  user: { sub: 'customer-ada', name: 'Ada Lovelace', email: 'ada@acme.example', accountId: '1001' }, permissions: ['balance:read'],
  gate: { allowed: true, reason: null, detail: null, sentence: 'The gate lets this visitor through.' },
  arguments: [{ name: 'account', value: '1001', source: 'claim', claim: 'accountId', dropped: '2002' }, { name: 'currency', value: 'EUR', source: 'given', claim: null, dropped: null }],
  argumentsProblem: null, modelSees,
  request: {
    method: 'POST', url: documents[0].url, headers: [{ name: 'Content-Type', value: 'application/json' }, { name: 'webhook-id', value: 'call_0190a1b2c3d47e5f80718293a4b5c6d7' }, { name: 'webhook-timestamp', value: '1795276800' }, { name: 'webhook-signature', value: '(made with the secret)' }],
    body: { tool: 'get_balance', arguments: { account: '1001', currency: 'EUR' }, user: { sub: 'customer-ada', name: 'Ada Lovelace' }, conversation: '', call: 'call_0190a1b2c3d47e5f80718293a4b5c6d7', environment: live.id },
  },
  answer: { outcome: 'ok', status: 200, result: { account: '1001', balance: '1,204.50', currency: 'EUR' }, text: '{"account":"1001","balance":"1,204.50","currency":"EUR"}', sentence: null, shown: 'Your balance is **1,204.50 EUR**, Ada Lovelace.' }, durationMs: 38.2,
};
const refused = {
  ...tried, verdict: { verified: false, reason: 'expired', detail: 'exp-passed', message: 'The token ended at 14:02.', fix: 'Mint a new one and try again.', issuer: 'app' }, user: null, permissions: [],
  gate: { allowed: false, reason: 'sign-in-required', detail: null, sentence: 'This needs a sign-in.' }, arguments: [], request: null, answer: null, durationMs: null,
};
const snippet = (id, title, triggers, text, at) => ({ id, name: id, version: 1, createdAt: ago(86_400 * 20), updatedAt: ago(7200 * at ** 2), document: { id, title, triggers, text } });
const knowledge = [
  snippet('hours', 'Business hours', ['business hours', 'opening hours', 'when are you open', 'what time do you close'], 'We are open **Monday to Friday, 9:00 to 17:00**.\n\n| Branch | Saturday |\n|---|---|\n| Old Town | 10:00 to 13:00 |\n| Harbour | closed |\n\nAll of them are on [the map](https://acme.example/map).', 1),
  snippet('fees', 'Fees', ['fees', 'what does it cost'], 'An everyday account costs nothing. Payments abroad cost 0.5 %.', 2),
  snippet('lost-card', 'A lost card', ['lost my card', 'stolen card'], 'Write **freeze my card**, and we stop it at once. A new one is at your branch within two working days.', 5),
];
const answered = {
  kind: 'knowledge', knowledge: 'hours', tool: null, arguments: null, gate: null, text: knowledge[0].document.text,
  candidates: [{ kind: 'knowledge', id: 'hours', title: 'Business hours', trigger: 'opening hours', score: 2 }, { kind: 'tool', id: 'find_branches', title: 'Branches', trigger: null, score: 1 }],
};

const own = {
  'GET /admins': listed([administrator]),
  [`GET ${there}/audit`]: log,
  [`GET ${there}/tools`]: (url) => listed(tools.filter(({ document }) => `${document.name} ${document.title}`.toLowerCase().includes((url.searchParams.get('search') ?? '').toLowerCase()))),
  ...Object.fromEntries(tools.map((one) => [`GET ${there}/tools/${one.name}`, one])),
  [`POST ${there}/tools/check`]: check,
  [`POST ${there}/tools/get_balance/try`]: tried,
  [`GET ${there}/config`]: { origins: [], signIn: { enforcement: 'optional', issuers: [{ name: 'app', mode: 'hmac', mapping: { accountId: 'account_id', tier: 'https://acme.example/tier' } }] }, assistant: { kind: 'rules' } },
  [`GET ${there}/secrets`]: listed([{ id: 'sec_1', purpose: 'tool-signing', name: 'tools', hint: 'whsec_…q7Xb', state: 'usable', createdAt: ago(86_400 * 40), expiresAt: null, killedAt: null, lastUsedAt: ago(60) }]),
  [`GET ${there}/knowledge`]: listed(knowledge),
  ...Object.fromEntries(knowledge.map((one) => [`GET ${there}/knowledge/${one.id}`, one])),
  [`POST ${there}/assistant/try`]: answered,
  [`GET ${there}/assistant`]: { kind: 'rules', greeting: 'Hello, and welcome to Acme Bank. Ask about our opening hours, or, once you are signed in, about your account.', suggestions: ['What are your business hours?', 'What is my balance?', 'Where are your branches?'], fallback: 'I can tell you our business hours and where our branches are.' },
  [`GET ${there}/appearance`]: { title: 'Acme Bank', placeholder: 'Ask anything…' },
};

const of = (name, path, more = {}) => ({ name: `assistant-${name}`, path: `${here}${path}`, environment: live.id, isFullPage: true, ...more, answers: { ...own, ...more.answers } });
const tab = (name) => (page) => page.getByRole('tab', { name, exact: true }).click();
const press = (title, ...buttons) => async (page) => {
  await tab('Try it')(page);
  await page.getByLabel('Token').fill('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjdXN0b21lci1hZGEifQ.c2lnbmF0dXJl');
  for (const name of buttons) await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('heading', { name: title }).waitFor();
};

/** The parts of the dashboard share a table of answers; what others tell of the same paths is not ours. */
export const answers = {};

export const pages = [
  of('tools', '/tools'),
  of('tools-empty', '/tools', { answers: { [`GET ${there}/tools`]: listed([]), [`GET ${there}/secrets`]: listed([]) } }),
  of('tool', '/tools/get_balance'),
  of('tool-json', '/tools/get_balance', {
    answers: { [`POST ${there}/tools/check`]: { ...check, isValid: false, modelSees: null, problems: [{ pointer: '/parameters/properties/days/minimun', detail: 'This is a keyword that is not known.' }] } },
    act: tab('JSON'),
  }),
  of('tool-try', '/tools/get_balance', { act: press('What came back', 'Call the tool') }),
  of('tool-try-refused', '/tools/get_balance', { answers: { [`POST ${there}/tools/get_balance/try`]: refused }, act: press('The gate', 'Check') }),
  of('tool-calls', '/tools/get_balance', { act: tab('Call history') }),
  of('tool-delete', '/tools/get_balance', { act: (page) => page.getByRole('button', { name: 'Delete' }).click(), isFullPage: false }),
  of('tool-conflict', '/tools/get_balance', {
    isFullPage: false,
    answers: { [`PUT ${there}/tools/get_balance`]: problem(412, 'changed-meanwhile', 'Somebody else has changed this meanwhile', 'Read it again.') },
    act: async (page) => {
      await page.getByLabel('Title').fill('Balance');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'See the difference' }).click();
    },
  }),
  of('tool-viewer', '/tools/get_balance', { answers: { 'GET /session': { ...session, administrator: { ...administrator, roles: [{ product: product.id, productName: product.name, role: 'viewer' }] } } } }),
  of('new-tool', '/new-tool'),
  of('knowledge', '/knowledge', {
    act: async (page) => {
      await page.getByLabel('A visitor asks').fill('What are your opening hours?');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByText('It answers from knowledge').waitFor();
    },
  }),
  of('knowledge-empty', '/knowledge', { answers: { [`GET ${there}/knowledge`]: listed([]) } }),
  of('snippet', '/knowledge/hours'),
  of('new-snippet', '/new-knowledge'),
  of('appearance', '/appearance', { act: (page) => page.getByText('Your balance is').first().waitFor() }),
  of('appearance-warned', '/appearance', {
    act: async (page) => {
      await page.getByLabel('Primary colour', { exact: false }).and(page.getByRole('textbox')).first().fill('#f5a623');
      await page.getByRole('button', { name: 'Sign-in' }).click();
      await page.getByText(/Text needs 4.5/).waitFor();
      await page.waitForTimeout(400);
    },
  }),
  of('appearance-empty', '/appearance', { act: async (page) => { await page.getByRole('button', { name: 'Empty' }).click(); await page.waitForTimeout(400); } }),
  of('appearance-closed', '/appearance', { act: async (page) => { await page.getByRole('button', { name: 'Closed' }).click(); await page.waitForTimeout(400); } }),
  of('greeting', '/assistant'),
  of('model', '/assistant', {
    answers: {
      [`GET ${there}/assistant`]: { kind: 'openai', url: 'https://models.example/v1', model: 'large', apiKeySecret: 'model-key', greeting: 'Hello.', instructions: 'You are the assistant of Acme Bank.' },
      [`GET ${there}/secrets`]: listed([{ id: 'sec_9', purpose: 'named', name: 'model-key', hint: '…x4Qp', state: 'usable', createdAt: ago(86_400 * 3), expiresAt: null, killedAt: null, lastUsedAt: ago(40) }]),
    },
  }),
];
