// SPDX-License-Identifier: Apache-2.0
import { ago, here, live, product, session, staging, there } from '../data.mjs';
import { listed, problem } from '../stand-in.mjs';

const names = ['acme-bank', 'acme-insurance', 'brokerage', 'help-centre', 'intranet', 'onboarding', 'partner-portal', 'shop'];
const products = names.map((name, at) => ({ ...product, id: at === 0 ? product.id : `prod_0198c0a4d1e27000a3b1c2d3e4f5070${at}`, name, createdAt: ago(86_400 * (9 - at) * 30), role: at % 3 === 2 ? 'developer' : 'owner' }));

const document = {
  config: {
    origins: ['https://bank.acme.example'],
    signIn: { enforcement: 'optional', signInUrl: 'https://bank.acme.example/sign-in', issuers: [{ name: 'bank', mode: 'key-set', keySetUrl: 'https://bank.acme.example/.well-known/jwks.json', issuer: 'https://bank.acme.example', audiences: ['chat'] }] },
    assistant: { kind: 'rules', greeting: 'Hello. How can we help?' },
  },
  tools: [{ name: 'balance', title: 'Balance', url: 'https://bank.acme.example/tools/balance', access: 'sign-in', bind: { account: 'accountId' } }],
  knowledge: [],
};
const changes = [
  { op: 'change', what: 'config', pointer: '/config/origins/0', before: 'https://bank.acme.example', after: 'https://www.acme.example' },
  { op: 'add', what: 'tool/transactions', pointer: '/tools/1', before: null, after: { name: 'transactions', url: 'https://bank.acme.example/tools/transactions', access: 'sign-in' } },
  { op: 'remove', what: 'knowledge/hours', pointer: '/knowledge/0', before: { id: 'hours', title: 'Opening hours' }, after: null },
];
const key = (id, kind, text, more = {}) => ({ id: `key_${id}`, kind, text, createdAt: ago(86_400 * 30), revokedAt: null, lastUsedAt: ago(40), ...more });

/** A day of figures: a curve like that of an office, and a spoilt hour. */
const at = Array.from({ length: 24 }, (_, hour) => ago((23 - hour) * 3600));
const curve = (most, phase = 0) => at.map((_, hour) => Math.round(most * (0.15 + 0.85 * Math.max(0, Math.sin(((hour - 5 + phase) / 24) * 2 * Math.PI)) ** 1.4) * (0.85 + 0.3 * Math.abs(Math.sin(hour * 7.3)))));
const series = (name, label, counts) => ({ name, label, counts, total: counts.reduce((sum, count) => sum + count, 0) });
const statistics = {
  step: 3600, from: at[0], until: ago(-3600), at,
  series: [
    series('messages', 'verified', curve(412)), series('messages', 'anonymous', curve(148, 1)),
    series('verifications', 'ok', curve(830)), series('verifications', 'expired/exp', curve(21)), series('verifications', 'bad-claim/aud', at.map((_, hour) => (hour > 13 && hour < 17 ? 38 - hour : 0))),
    series('verifications', 'jwks-fetch-failed/http-status', at.map((_, hour) => (hour === 9 ? 12 : 0))),
    series('tool-calls', 'allowed', curve(190)), series('tool-calls', 'refused', curve(16, 2)), series('tool-calls', 'failed', at.map((_, hour) => (hour === 9 ? 7 : 0))),
    series('key-set-fetches', 'ok', at.map((_, hour) => (hour % 3 === 0 ? 4 : 1))), series('key-set-fetches', 'failed', at.map((_, hour) => (hour === 9 ? 3 : 0))),
  ],
  latency: at.map((_, hour) => ({ p50: 3.2 + Math.sin(hour), p95: 11 + 3 * Math.sin(hour * 1.7), p99: 24 + (hour === 9 ? 60 : 6 * Math.sin(hour * 2.1)), count: 300 })),
  latencyTotal: { p50: 3.4, p95: 12.1, p99: 31, count: 9300 },
};
const quiet = { ...statistics, series: statistics.series.map((one) => ({ ...one, counts: one.counts.map(() => 0), total: 0 })), latency: at.map(() => ({ p50: null, p95: null, p99: null, count: 0 })), latencyTotal: { p50: null, p95: null, p99: null, count: 0 } };
/* A new installation: its first five minutes. */
const last = (value, none = 0) => at.map((_, hour) => (hour === at.length - 1 ? value : none));
const first = {
  ...statistics, series: [series('messages', 'verified', last(3)), series('messages', 'anonymous', last(3)), series('verifications', 'ok', last(3)), series('tool-calls', 'allowed', last(1)), series('key-set-fetches', 'ok', last(1))],
  latency: last({ p50: 3.1, p95: 5.2, p99: 5.2, count: 6 }, { p50: null, p95: null, p99: null, count: 0 }), latencyTotal: { p50: 3.1, p95: 5.2, p99: 5.2, count: 6 },
};
const singleSignOn = {
  issuer: 'https://login.acme.example', clientId: 'chatelaine', hasClientSecret: true, label: 'Acme SSO', emailDomains: ['acme.example'], defaultRole: 'viewer',
  roleMapping: { claim: 'groups', roles: { 'chat-admins': 'admin', 'chat-developers': 'developer' } }, isPasswordOff: false, redirectUri: 'https://chat.acme.example/admin/v1/session/single-sign-on/callback', version: 2, updatedAt: ago(86_400),
};
const sound = { cause: null, fix: null, state: 'ok' };
const checks = [
  { id: 'proxy', title: 'Visitors are told apart by their addresses', ...sound }, { id: 'public-url', title: 'The server knows its own address', ...sound },
  { id: 'encryption', title: 'Passwords and tokens travel encrypted', ...sound }, { id: 'clock', title: 'The clock is right', ...sound },
  { id: 'master-key', title: 'A copy of the data does not hold its key', ...sound }, { id: 'sandbox', title: 'The server has given up what it does not need', ...sound },
];
const unsound = checks.map((one) => ({
  proxy: { ...one, title: 'A proxy speaks for visitors and is not trusted', state: 'attention', cause: 'A proxy at 10.0.0.7 says for whom it speaks, and is not believed, since it is not listed: all visitors behind it share one limit, and wrong passwords are not counted by address.', fix: 'If it is yours, start the server with --trusted-proxies 10.0.0.7, and let the proxy set X-Forwarded-For and X-Forwarded-Proto itself.' },
  'master-key': { ...one, title: 'The master key lies beside the data', state: 'advice', cause: 'The master key lies in the data directory beside the database. A backup of the directory holds both: whoever gets at it reads every secret that is stored.', fix: 'Keep master.key out of the backup and safe elsewhere, or give the key as CHATELAINE_MASTER_KEY, for instance by systemd\'s LoadCredential.' },
}[one.id] ?? one));

export const answers = {
  'GET /checks': { items: checks },
  [`GET ${there}/statistics`]: statistics,
  [`GET ${there}/statistics/required`]: { since: ago(86_400), enforcement: 'optional', messages: 3804, wouldBeRefused: 41, byReason: [] },
  [`GET ${there}/keys`]: listed([key(1, 'publishable', live.publishableKey), key(2, 'secret', 'sk_9dTe'), key(3, 'secret', 'sk_2hQv', { revokedAt: ago(86_400 * 3), lastUsedAt: null })]),
  [`GET ${there}/origins`]: { origins: ['https://bank.acme.example', 'https://www.acme.example'] },
  [`GET ${there}/limits`]: { messageCharacters: 2000 },
  [`GET ${there}/document`]: document,
  [`PUT ${there}/document`]: { dryRun: true, changes, product: product.id, environment: live.id, publishableKey: live.publishableKey, version: 8, signsToolCalls: true, missingSecrets: [{ purpose: 'visitor-signing', name: 'shop' }] },
  [`POST ${there}/keys`]: { key: key(4, 'secret', 'sk_7wXn'), secret: 'sk_7wXnR2mKq9Lp4VtB8cHs3Zy6Fd1Ge5Ja0Uo' },
  'GET /settings/single-sign-on': singleSignOn,
  'GET /products': listed(products),
  [`GET /products/${product.id}`]: product,
  [`GET /products/${product.id}/environments`]: listed([live, staging]),
  [`GET /environments/${live.id}`]: live,
  [`GET /environments/${staging.id}`]: staging,
  'GET /search': { items: [{ kind: 'environment', id: staging.id, name: 'staging', productId: product.id, productName: 'acme-bank', environmentId: staging.id, environmentName: 'staging' }, { kind: 'tool', id: 'tool_1', name: 'statement', productId: product.id, productName: 'acme-bank', environmentId: live.id, environmentName: 'live' }] },
};

const settings = (name, section, more = {}) => ({ name: `settings-${name}`, path: `${here}/settings${section ? `?section=${section}` : ''}`, ...more });

export const pages = [
  { name: 'overview', path: `${here}/overview` },
  {
    name: 'overview-pointed', path: `${here}/overview`,
    act: async (page) => {
      await page.getByRole('img', { name: /^Messages/ }).hover();
      await page.getByRole('button', { name: 'Tool calls as a table' }).click();
    },
  },
  { name: 'overview-first', path: `${here}/overview`, answers: { [`GET ${there}/statistics`]: first } },
  { name: 'overview-empty', path: `${here}/overview`, answers: { [`GET ${there}/statistics`]: quiet } },
  settings('keys'),
  settings('key-made', '', { isFullPage: true, act: (page) => page.getByRole('button', { name: 'Secret key' }).click() }),
  settings('limits', 'limits'),
  settings('environment', 'environment'),
  settings('import', 'file', {
    isFullPage: true,
    act: async (page) => {
      await page.getByLabel('The file').fill(JSON.stringify(document, null, 2));
      await page.getByRole('button', { name: 'See what would change' }).click();
      await page.getByText('Secrets are missing').waitFor();
    },
  }),
  settings('wrong-json', 'file', {
    isFullPage: true,
    act: (page) => page.getByLabel('The file').fill('{\n  "config": {\n    "origins": [\n      "https://shop.example",\n    ]\n  }\n}'),
  }),
  { name: 'installation', path: '/settings', environment: live.id },
  { name: 'installation-checks', path: '/settings', environment: live.id, answers: { 'GET /checks': { items: unsound } } },
  { name: 'start-checks', path: `${here}/start`, environment: live.id, answers: { 'GET /checks': { items: unsound } } },
  { name: 'installation-first', path: '/settings', environment: live.id, answers: { 'GET /settings/single-sign-on': problem(404, 'not-found', 'Not found', '') } },
  { name: 'installation-developer', path: '/settings', environment: live.id, answers: { 'GET /session': { ...session, administrator: { ...session.administrator, roles: [{ product: product.id, productName: 'acme-bank', role: 'developer' }] } }, 'GET /settings/single-sign-on': problem(403, 'role-insufficient', 'Your role is too small', '') } },
  { name: 'products', path: '/products', environment: live.id },
  { name: 'products-first', path: '/products', answers: { 'GET /products': listed([]) } },
  { name: 'product', path: `/products/${product.id}`, environment: live.id },
  {
    name: 'product-delete', path: `/products/${product.id}`, environment: staging.id,
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('acme');
    },
  },
  {
    name: 'palette', path: '/products', environment: live.id,
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('st');
      await page.getByRole('option', { name: /staging/ }).waitFor();
    },
  },
  {
    name: 'drawer', path: '/products', environment: live.id,
    act: async (page) => {
      const button = page.getByRole('button', { name: 'Navigation' });
      if (!(await button.isVisible())) return;
      await button.click();
      await page.getByRole('dialog', { name: 'Navigation' }).waitFor();
    },
  },
];
