// SPDX-License-Identifier: Apache-2.0
import { ago, administrator, here, live, now, product, session, there } from '../data.mjs';
import { listed } from '../stand-in.mjs';

const in_ = (seconds) => ago(-seconds);
const sets = {
  fresh: {
    issuer: 'login', provider: 'auth0', source: 'fetched', url: 'https://acme.eu.auth0.com/.well-known/jwks.json', state: 'fresh', fetchedAt: ago(240), triedAt: ago(240), nextFetchAt: in_(431), failures: 0,
    problem: null, sentence: null, fix: null, showsPrivateKeys: false, skipped: [{ kid: 'enc-1', why: 'This key is for encryption.' }],
    keys: [{ kid: 'V3qk0nZ1TnN8tQ2', type: 'RSA', curve: null, bits: 2048, alg: 'RS256', use: 'sig', notAfter: null }, { kid: 'h81bX9', type: 'EC', curve: 'P-256', bits: 256, alg: 'ES256', use: 'sig', notAfter: null }],
  },
  stale: {
    issuer: 'legacy', provider: null, source: 'fetched', url: 'https://id.acme.example/.well-known/jwks.json', state: 'stale', fetchedAt: ago(4 * 3600), triedAt: ago(95), nextFetchAt: in_(205), failures: 12,
    problem: 'bad-status', sentence: 'https://id.acme.example/.well-known/jwks.json answered 503.', fix: 'Open the URL without signing in: it must serve the keys to anybody.', showsPrivateKeys: false, skipped: [],
    keys: [{ kid: 'k-2025', type: 'OKP', curve: 'Ed25519', bits: 256, alg: 'EdDSA', use: 'sig', notAfter: null }],
  },
};
const issuers = [
  { name: 'app', mode: 'hmac' },
  { name: 'login', mode: 'key-set', provider: { id: 'auth0', fields: { tenantDomain: 'acme.eu.auth0.com', clientId: 'k3Jf0aQpX7wUeYb2' }, offlineAccess: true }, mapping: { tier: 'https://acme.example/tier', email: 'email' } },
  { name: 'legacy', mode: 'key-set', keySetUrl: 'https://id.acme.example/.well-known/jwks.json', issuer: 'https://id.acme.example', audiences: ['chat'] },
];
const field = (name, label, help, placeholder, isRequired = true, pattern = '^.+$') => ({ name, label, help, placeholder, isRequired, pattern });
const provider = (id, name, fields, offersOfflineAccess, needs = 'nothing') => ({ id, name, fields, offersOfflineAccess, needs, notes: ['ID tokens and access tokens are both taken.'], tokenLifetimeHint: 'ID tokens 10 hours, unless you set them shorter.', documentation: `docs/providers.md#${id}` });
const providers = [
  provider('auth0', 'Auth0', [
    field('tenantDomain', 'Tenant domain', 'Applications → your application → Settings → Domain.', 'acme.eu.auth0.com', true, '^(https://)?[A-Za-z0-9.-]+/?$'),
    field('clientId', 'Application client ID', 'Applications → your application → Settings → Client ID.', 'k3Jf0aQpX7wUeYb2'),
    field('apiAudience', 'API audience', 'Applications → APIs → your API → Identifier. Leave it empty if you send ID tokens only.', 'https://api.acme.example', false),
  ], true),
  provider('clerk', 'Clerk', [field('instanceUrl', 'Instance URL', '', 'https://acme.clerk.accounts.dev'), field('clientId', 'Client ID', '', 'client_…')], true),
  provider('cognito', 'Amazon Cognito', [field('domain', 'Cognito domain', 'Your user pool → Branding → Domain.', 'acme.auth.eu-west-1.amazoncognito.com'), field('clientId', 'App client ID', 'Your user pool → App clients.', '4b8l1ptq0h7s9v2k')], true, 'confirmation'),
  provider('workos', 'WorkOS', [field('clientId', 'Client ID', '', 'client_…'), field('organizationId', 'Organization ID', '', 'org_…')], false),
  provider('firebase', 'Firebase', [field('projectId', 'Project ID', '', 'acme-1234')], false),
  provider('oidc', 'OpenID Connect', [field('issuer', 'Issuer', '', 'https://id.example'), field('clientId', 'Client ID', '', 'chat'), field('audience', 'Audience', '', 'https://api.example', false)], false, 'discovery'),
];
const secret = (id, hint, state, more = {}) => ({ id: `sec_${id}`, purpose: 'visitor-signing', name: 'app', hint, state, createdAt: ago(40 * 86_400), expiresAt: null, killedAt: null, lastUsedAt: ago(60), ...more });
const secrets = [secret('2', 'q7Xb', 'usable', { createdAt: ago(3600), lastUsedAt: ago(20) }), secret('1', 'Zk3w', 'ending', { expiresAt: in_(82_345) }), secret('0', 'a91C', 'killed', { killedAt: ago(20 * 86_400) })];
const claim = (name, value, fate, why, as = []) => ({ name, value, fate, as, why });
const seconds = (at) => Math.round((now + at * 1000) / 1000);
const claims = [
  claim('sub', 'auth0|5f7c8ec7c33c6c004bbafe82', 'passed-on', 'The verified user.', ['sub']),
  claim('iss', 'https://acme.eu.auth0.com/', 'checked', 'Who issued it: compared letter for letter.'),
  claim('aud', 'k3Jf0aQpX7wUeYb2', 'checked', 'Whom it is for.'),
  claim('exp', seconds(720), 'checked', 'When it ends.'),
  claim('email', 'ada@acme.example', 'passed-on', 'The mapping names it.', ['email']),
  claim('https://acme.example/tier', 'gold', 'renamed', 'The mapping says so.', ['tier']),
  claim('nonce', 'n-0S6_WzA2Mj', 'dropped', 'The mapping does not name it.'),
];
const times = [{ name: 'iat', at: ago(180), words: 'issued 3 minutes ago' }, { name: 'exp', at: in_(720), words: 'expires in 12 minutes' }];
const good = {
  verified: true, reason: null, detail: null, message: 'The token is good: it was signed by login, and proves who the visitor is.', meaning: null, fix: null, fixAction: null, visitorMessage: null, issuer: 'login', provider: 'auth0',
  identity: { sub: 'auth0|5f7c8ec7c33c6c004bbafe82', email: 'ada@acme.example', tier: 'gold' }, permissions: ['accounts:read', 'card:freeze'], header: { alg: 'RS256', typ: 'JWT', kid: 'V3qk0nZ1TnN8tQ2' }, claims, times,
  lifetimeSeconds: 36_000, lifetimeWords: '10 hours', warnings: [{ code: 'lifetime-over-an-hour', message: 'The token lives for 10 hours. An hour is plenty: who finds it can use it that long.' }],
  key: { kid: 'V3qk0nZ1TnN8tQ2', alg: 'RS256', source: 'fetched', url: sets.fresh.url, fetchedAt: ago(240), wasRefreshed: false },
};
const refused = {
  ...good, verified: false, reason: 'bad-claim', detail: 'aud-mismatch', message: '`aud` is `shop`, expected `k3Jf0aQpX7wUeYb2`.', meaning: 'The token is for another audience.', fix: 'Correct the audience here or in the issuer.',
  fixAction: { kind: 'set-audience', label: 'Take tokens for “shop”', issuer: 'login', pointer: '/issuers/1/audiences', value: 'shop' }, visitorMessage: 'We could not confirm your sign-in. Try again.',
  identity: null, permissions: [], warnings: [], key: null, claims: claims.map((one) => (one.name === 'aud' ? claim('aud', 'shop', 'checked', 'Whom it is for: this is what is wrong.') : one)),
};
const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IlYzcWswblp' + 'x'.repeat(12) + '.eyJzdWIiOiJhdXRoMHw1ZjdjOGVjN2MzM2M2YzAwNGJiYWZlODIifQ.' + 'c2lnbmF0dXJl'.repeat(6);
const mapped = { identity: { sub: 'customer-ada', tier: 'gold' }, permissions: ['accounts:read'], claims: [claims[0], claim('https://acme.example/tier', 'gold', 'renamed', 'The mapping names it.', ['tier']), claim('groups', ['customers', 'beta'], 'dropped', 'The mapping does not name it.')], missing: [{ name: 'plan', from: 'account.level' }] };
const expanded = { mode: 'key-set', issuer: 'https://acme.eu.auth0.com/', otherIssuers: [], keySetUrl: sets.fresh.url, hasPastedKeys: false, audiences: ['k3Jf0aQpX7wUeYb2'], clientId: 'k3Jf0aQpX7wUeYb2', types: ['JWT', 'at+jwt'], algorithms: ['RS256', 'PS256'], leewaySeconds: 60, permissionClaims: ['scope', 'permissions'], rules: ['`azp` or `client_id`, where the token has one, is the client ID.'] };
const previewed = { isUsable: true, issuer: issuers[1], expanded, discovery: null, confirmation: null, problems: [] };

export const answers = {
  [`GET ${there}/issuers`]: listed(issuers),
  ...Object.fromEntries(issuers.map((one) => [`GET ${there}/issuers/${one.name}`, one])),
  [`GET ${there}/sign-in`]: { enforcement: 'optional', signInUrl: 'https://shop.acme.example/sign-in', carryAnonymousConversation: true },
  [`GET ${there}/statistics/required`]: {
    since: ago(86_400), enforcement: 'optional', messages: 4312, wouldBeRefused: 187,
    byReason: [{ reason: 'missing-token', detail: 'token-absent', message: 'No token arrived with this request.', count: 171 }, { reason: 'expired', detail: 'exp-passed', message: 'The token has ended.', count: 14 }, { reason: 'bad-claim', detail: 'aud-mismatch', message: 'The token is for another audience.', count: 2 }],
  },
  [`GET ${there}/key-sets`]: listed([sets.fresh, sets.stale]),
  [`GET ${there}/secrets`]: listed(secrets),
  [`GET ${there}/origins`]: { origins: ['https://shop.acme.example'] },
  [`GET ${there}/visitors`]: (url) => listed(url.searchParams.get('kind') === 'verified' ? [] : [{ id: 'vis_1' }]),
  'GET /providers': { items: providers },
  [`POST ${there}/tokens/test`]: good,
  [`POST ${there}/mapping/preview`]: mapped,
  [`POST ${there}/issuers/preview`]: previewed,
  [`POST ${there}/secrets`]: { status: 201, body: { record: secrets[0], secret: 'q7XbM2fE0pVnRk8sTzJ1hYcWdLgQaU5iBoN4xKvPt9A' } },
};

const paste = async (page) => {
  await page.getByLabel('Paste a real token').fill(token);
  await page.getByText(/^(V|Not v)erified/).first().waitFor();
};
const begun = (progress) => async (page) => {
  await page.evaluate(([key, value]) => localStorage.setItem(key, value), [`chatelaine.start.${live.id}`, JSON.stringify({ isBegun: true, isVerified: false, issuer: null, ...progress })]);
  await page.reload();
  await page.locator('#page-title').waitFor();
  await page.waitForLoadState('networkidle');
};
const viewer = { 'GET /session': { ...session, administrator: { ...administrator, roles: [{ product: product.id, productName: product.name, role: 'viewer' }] } } };
const of = (name, path, more = {}) => ({ name: `sign-in-${name}`, path: `${here}${path}`, environment: live.id, isFullPage: true, ...more });

export const pages = [
  of('test', '/test-token'),
  of('test-good', '/test-token', { act: paste }),
  of('test-refused', '/test-token', { act: paste, answers: { [`POST ${there}/tokens/test`]: refused } }),
  of('settings', '/sign-in'),
  of('settings-empty', '/sign-in', { answers: { [`GET ${there}/issuers`]: listed([]), [`GET ${there}/statistics/required`]: { since: ago(86_400), enforcement: 'optional', messages: 0, wouldBeRefused: 0, byReason: [] } } }),
  of('issuer', '/sign-in/legacy'),
  of('issuer-provider', '/sign-in/login'),
  of('new-issuer', '/new-issuer'),
  of('secrets', '/identity-federation'),
  of('secret-shown', '/identity-federation', {
    act: async (page) => {
      await page.getByRole('button', { name: 'Rotate…' }).click();
      await page.getByRole('button', { name: 'Rotate', exact: true }).click();
      await page.getByText('It is shown this one time').waitFor();
    },
  }),
  of('secret-rotate', '/identity-federation', { act: (page) => page.getByRole('button', { name: 'Rotate…' }).click(), isFullPage: false }),
  of('secret-kill', '/identity-federation', { act: (page) => page.getByRole('button', { name: 'Kill now…' }).first().click(), isFullPage: false }),
  of('secrets-empty', '/identity-federation', { answers: { [`GET ${there}/issuers`]: listed([]) } }),
  of('federation', '/federation'),
  of('provider', '/federation/auth0', {
    act: async (page) => {
      await page.getByLabel('Tenant domain').fill('acme.eu.auth0.com');
      await page.getByLabel('Application client ID').fill('k3Jf0aQpX7wUeYb2');
      await page.getByText('This is what it comes to').waitFor();
    },
  }),
  of('cognito', '/federation/cognito', {
    answers: { [`POST ${there}/issuers/preview`]: { isUsable: false, issuer: null, expanded: null, discovery: null, confirmation: { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123', region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEf123', keySetUrl: 'https://x/' }, problems: [] } },
    act: async (page) => {
      await page.getByLabel('Cognito domain').fill('acme.auth.eu-west-1.amazoncognito.com');
      await page.getByLabel('App client ID').fill('4b8l1ptq0h7s9v2k');
      await page.getByLabel('A token of this pool').fill(token);
      await page.getByText('Is this your user pool?').waitFor();
    },
  }),
  of('viewer', '/sign-in', { answers: viewer }),
  of('viewer-secrets', '/identity-federation', { answers: viewer }),
  of('key-sets', '/key-sets'),
  of('key-sets-empty', '/key-sets', { answers: { [`GET ${there}/key-sets`]: listed([]) } }),
  of('start', '/start'),
  of('start-done', '/start', { answers: { [`GET ${there}/visitors`]: listed([{ id: 'vis_1' }]) } }),
  of('start-advice', '/start', {
    act: async (page) => {
      await page.getByLabel('Our own app').check();
      await page.getByLabel('No, or not sure').check();
      await page.getByLabel('In the page, for minutes').check();
      await page.getByText('This fits you').waitFor();
      await page.evaluate(() => scrollTo(0, 0));
    },
  }),
  of('start-steps', '/start', { act: begun({ answers: { source: 'own', keys: 'no', browser: 'page' }, issuer: 'app' }) }),
  of('start-page', '/start', { act: begun({ answers: { source: 'auth0', keys: null, browser: 'page' }, issuer: 'login', isVerified: true }) }),
];
