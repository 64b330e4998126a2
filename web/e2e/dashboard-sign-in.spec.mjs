// SPDX-License-Identifier: Apache-2.0
// Sign-in set up by somebody who has the dashboard and nothing else: each mode to a verified token of a real library, each reason
// for a refusal with its fix, secrets that are shown once, and a rotation that nobody in the chat notices.
import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startBank } from '../../tests/integration/lib/bank.mjs';
import { startProvider } from '../../tests/integration/lib/oidc.mjs';
import { setUp } from '../../tests/integration/lib/openapi.mjs';
import { startServer } from '../../tests/integration/lib/server.mjs';
import { ada, makeKey, now, serveKeys, signWithSecret } from '../../tests/integration/lib/tokens.mjs';
import { expect, test as base } from '@playwright/test';

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT
const pyjwt = (secret, claims) => execFileSync(python, ['-c', 'import json, jwt, sys\na = json.load(sys.stdin)\nprint(jwt.encode(a["claims"], a["secret"], algorithm="HS256"))'],
  { input: JSON.stringify({ claims, secret }), encoding: 'utf8' }).trim();

base.describe.configure({ timeout: 180_000 }); // each is a story of many pages

/** Signs the browser in as the owner of this server. */
async function signedIn(context, server) {
  const owner = await setUp(server);
  const cookies = owner.cookie.split('; ').map((one) => ({ name: one.slice(0, one.indexOf('=')), value: one.slice(one.indexOf('=') + 1) }));
  await context.addCookies(cookies.filter(({ value }) => value).map((one) => ({ ...one, url: server.url, httpOnly: true, sameSite: 'Lax' })));
  return owner;
}

class Dashboard {
  constructor(page, server, owner, environment) {
    Object.assign(this, { page, server, owner, environment });
    this.field = page.getByLabel('Paste a real token');
  }

  async open(path) {
    await this.page.goto(`${this.server.url}/e/${this.environment}/${path}`);
    await expect(this.page.locator('#page-title')).toBeVisible();
  }

  /** "Test a token": what is pasted, and the verdict that is awaited. */
  async judged(token, words) {
    await this.field.fill(token);
    await expect(this.page.getByRole('status').filter({ hasText: words }).first()).toBeVisible();
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async isAccessible() {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' ')).join(', ')}`)).toEqual([]);
  }
}

const test = base.extend({
  ends: async ({}, use) => { // eslint-disable-line no-empty-pattern
    const ends = [];
    await use({ after: (end) => ends.push(end) });
    for (const end of ends.reverse()) await end();
  },
  /** A server with an environment in which nothing is set up yet. */
  dashboard: async ({ page, context, ends }, use) => {
    const server = await startServer(ends, { document: { config: {} } });
    const owner = await signedIn(context, server);
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && wrong.push(message.text()));
    page.on('request', (request) => {
      const { origin, protocol, href } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== server.url) wrong.push(`a request to ${origin}`);
      if (/eyJ/.test(href)) wrong.push(`a token in ${href}`);
    });
    const dashboard = new Dashboard(page, server, owner, server.acme.environment);
    await use(dashboard);
    expect(wrong).toEqual([]);
    // No token is left anywhere that outlives the page, nor in the log.
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]))).not.toContain('eyJ');
    expect(server.stderr).not.toContain('eyJ');
  },
});

test('five minutes: three questions, a secret shown once, a token of PyJWT, verified', async ({ dashboard, page }) => {
  const bodies = [];
  page.on('response', async (response) => response.url().includes('/admin/v1/') && bodies.push(await response.text().catch(() => '')));
  await dashboard.open('start');
  await page.getByLabel('Our own app').check();
  await page.getByLabel('No, or not sure').check();
  await page.getByLabel('In the page, for minutes').check();
  await expect(page.getByRole('heading', { name: 'Signed session token' })).toBeVisible();
  await dashboard.isAccessible();
  await dashboard.button('Set it up').click();
  await dashboard.button('Begin').click();
  await dashboard.button('Generate the secret').click();
  const shown = page.getByLabel('Signing secret of app, in full');
  const secret = await shown.innerText();
  expect(secret).toMatch(/^cs_[A-Za-z0-9_-]{43}$/);
  await dashboard.isAccessible();

  // Leaving now would lose it: the page asks.
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: 'Key sets' }).click();
  await expect(shown).toBeVisible();
  const from = bodies.length;
  await dashboard.button('I have stored it').click();
  await expect(shown).toBeHidden();
  await expect(page.getByText('process.env.CHATELAINE_SECRET')).toBeVisible(); // the next step opens by itself
  await dashboard.button('It is in my backend').click();
  await dashboard.judged(pyjwt(secret, { sub: 'customer-ada', name: 'Ada Lovelace', iat: now(), exp: now() + 600, jti: 'one' }), 'Verified');
  await expect(page.getByLabel('user', { exact: true })).toContainText('"name": "Ada Lovelace"');
  await expect(dashboard.button('Verify again')).toBeVisible(); // a shared secret has no keys to be fetched
  await expect(dashboard.button('Refresh JWKS + verify')).toHaveCount(0);

  // Come back another day: where one was, and the secret nowhere.
  await page.reload();
  await expect(page.getByText('Step 4 of 4')).toBeVisible();
  await expect(page.getByText(dashboard.server.acme.publishableKey).first()).toBeVisible();
  await page.getByLabel('Address of a page').fill('https://shop.example/cart?x=1');
  await dashboard.button('Allow https://shop.example').click();
  await expect(page.getByText('https://shop.example', { exact: true })).toBeVisible();
  await dashboard.open('identity-federation');
  await expect(page.getByText(`${secret.slice(0, 4)}`).first()).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
  for (const path of ['secrets', 'issuers', 'config', 'document', 'audit', ''])
    expect(JSON.stringify((await dashboard.owner.get(`/environments/${dashboard.environment}${path && `/${path}`}`)).body)).not.toContain(secret);
  expect(bodies.slice(from).join()).not.toContain(secret);
});

test('a JWKS address, and every kind of refusal with its fix', async ({ dashboard, page, ends }) => {
  const [first, second, stranger] = [await makeKey('RS256'), await makeKey('ES256'), await makeKey('RS256')];
  const keys = await serveKeys(ends, first);
  await dashboard.open('sign-in');
  await page.getByRole('link', { name: 'JWT + JWKS' }).click();
  await page.getByLabel('Name').fill('login');
  await page.getByRole('textbox', { name: 'JWKS URL' }).fill('not an address');
  await expect(page.getByText('Write the whole address')).toBeVisible();
  await page.getByRole('textbox', { name: 'JWKS URL' }).fill(keys.url);
  await page.getByRole('textbox', { name: 'Issuer' }).fill('https://acme.example');
  await page.getByLabel('Audiences').fill('chat');
  await dashboard.button('Save').click();
  await expect(page.getByRole('heading', { name: 'login', level: 1 })).toBeVisible();

  await dashboard.open('test-token');
  await dashboard.judged(await first.sign(ada({ jti: 'one' })), 'Verified');
  await expect(page.getByLabel('user', { exact: true })).toContainText('"email": "ada@acme.example"');
  await expect(page.getByRole('row', { name: /^iss/ })).toContainText('Checked');
  await dashboard.isAccessible();

  // A token that lives too long is good, and unwise.
  await dashboard.judged(await first.sign(ada({ exp: now() + 30 * 86_400 })), 'lifetime-over-an-hour');

  // missing-token: what was pasted holds none.
  await dashboard.judged('Bearer ', 'missing-token');
  await expect(page.getByText('The visitor reads: “Sign in to go on.”')).toBeVisible();
  await expect(page.getByText(/What to do:.*identify/)).toBeVisible();

  // expired: said in words; the way to code that mints.
  await dashboard.judged(await first.sign(ada({ iat: now() - 900, exp: now() - 180 })), 'expired');
  await expect(page.getByText('3 minutes ago').first()).toBeVisible();
  await expect(page.getByText(/What to do:/)).toBeVisible();
  await dashboard.isAccessible();

  // bad-signature: a key that has come since the last fetch is fetched by the button.
  await dashboard.judged(await stranger.sign(ada()), 'bad-signature');
  keys.answer = { keys: [first.publicJwk, second.publicJwk, stranger.publicJwk] };
  await dashboard.button('Refresh JWKS + verify').click();
  await expect(page.getByRole('status').filter({ hasText: 'Verified' }).first()).toBeVisible();
  await expect(page.getByText('The keys were fetched just now.')).toBeVisible();

  // bad-claim: the audience is taken over, by a button that says what will hold, and back again.
  await dashboard.judged(await first.sign(ada({ aud: 'shop' })), 'bad-claim');
  await dashboard.button('Take this audience').click();
  await expect(page.getByText('is it yours?')).toBeVisible();
  await dashboard.button('Save it').click();
  await expect(page.getByRole('status').filter({ hasText: 'Verified' }).first()).toBeVisible();
  await dashboard.button('Undo').click();
  await expect(page.getByRole('status').filter({ hasText: 'bad-claim' }).first()).toBeVisible();

  // Of an unproven token nothing is passed on.
  await expect(page.getByLabel('user', { exact: true })).toHaveCount(0);

  // The health of the keys.
  await dashboard.open('key-sets');
  await expect(page.getByRole('row', { name: new RegExp(second.kid) })).toContainText('P-256');
  await expect(page.getByText('Fresh', { exact: true })).toBeVisible();
  await dashboard.isAccessible();
  keys.answer = (_, response) => response.writeHead(503).end();
  await dashboard.button('Refresh').click();
  await expect(page.getByText('Stale', { exact: true })).toBeVisible();
  await expect(page.getByText(/503/).first()).toBeVisible();
});

test('config-incomplete and jwks-fetch-failed lead to where they are mended', async ({ dashboard, page, ends }) => {
  await dashboard.open('identity-federation');
  await dashboard.button('Set up a signed session token').click();
  await page.getByLabel('Name').fill('shop');
  await dashboard.button('Go on').click();
  await expect(page.getByRole('heading', { name: 'shop' })).toBeVisible();
  await dashboard.open('test-token');
  await dashboard.judged(await signWithSecret('a secret that is long enough for HS256', ada()), 'config-incomplete');
  await page.getByRole('status').filter({ hasText: 'config-incomplete' }).getByRole('link').click();
  await dashboard.button('Generate the secret').click();
  const secret = await page.getByLabel('Signing secret of shop, in full').innerText();
  await dashboard.button('I have stored it').click();
  await dashboard.open('test-token');
  await dashboard.judged(await signWithSecret('a secret that is long enough for HS256', ada()), 'bad-signature');
  await dashboard.judged(await signWithSecret(secret, ada({ jti: 'x' })), 'Verified');

  const keys = await serveKeys(ends);
  keys.answer = (_, response) => response.writeHead(503).end();
  await dashboard.open('new-issuer');
  await page.getByRole('textbox', { name: 'JWKS URL' }).fill(keys.url);
  await dashboard.button('Save').click();
  await expect(page.getByRole('heading', { name: 'login', level: 1 })).toBeVisible();
  await dashboard.open('test-token');
  await dashboard.judged(await (await makeKey('EdDSA')).sign(ada()), 'jwks-fetch-failed');
  await expect(page.getByText(/503/).first()).toBeVisible();
  await expect(page.getByText(/What to do:/)).toBeVisible();
});

test('an OpenID provider by discovery, shown before it is saved; offline access only where it is offered', async ({ dashboard, page, ends }) => {
  const provider = await startProvider(ends);
  await dashboard.open('federation');
  for (const name of ['Auth0', 'Clerk', 'Amazon Cognito', 'WorkOS', 'Firebase']) {
    await page.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
    await expect(page.getByLabel('Offline access')).toHaveCount(['Auth0', 'Clerk', 'Amazon Cognito'].includes(name) ? 1 : 0);
    await page.goBack();
  }
  await page.getByRole('link', { name: /OpenID/ }).click();
  await page.getByLabel('Issuer', { exact: true }).fill(provider.issuer);
  await page.getByLabel(/Client ID/).fill(provider.clientId);
  await dashboard.button('Look it up').click();
  await expect(page.getByText(provider.keySetUrl)).toBeVisible();
  expect((await dashboard.owner.get(`/environments/${dashboard.environment}/issuers`)).body.items).toEqual([]); // nothing is saved yet
  await dashboard.isAccessible();
  await dashboard.button('Save').click();
  await dashboard.judged(await provider.idToken('ada'), 'Verified');
  await expect(page.getByLabel('user', { exact: true })).toContainText('ada@acme.example');
  await expect(page.getByText('oidc-client-ts').first()).toBeVisible();
});

test('Cognito: its pool is read from a token, confirmed, and pinned', async ({ dashboard, page }) => {
  const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123';
  const key = await makeKey('RS256');
  await dashboard.open('federation/cognito');
  await page.getByLabel('Cognito domain').fill('acme.auth.eu-west-1.amazoncognito.com');
  await page.getByLabel('App client ID').fill('4b8l1ptq0h7s9v2k');
  await page.getByLabel('A token of this pool').fill(await key.sign({ sub: 'u', iss: pool, client_id: '4b8l1ptq0h7s9v2k', token_use: 'access', iat: now(), exp: now() + 600 }));
  await expect(page.getByText('Is this your user pool?')).toBeVisible();
  await expect(page.getByText('eu-west-1_AbCdEf123', { exact: true })).toBeVisible();
  await dashboard.button('Yes, take its tokens').click();
  await dashboard.button('Save').click();
  await expect(page.getByText('Saved as')).toBeVisible();
  const { body } = await dashboard.owner.get(`/environments/${dashboard.environment}/issuers/cognito`);
  expect(body.issuer).toBe(pool);
});

test('a mapping, tried on a sample while it is written; two administrators do not overwrite each other', async ({ dashboard, page }) => {
  await dashboard.owner.post(`/environments/${dashboard.environment}/issuers`, { name: 'app', mode: 'hmac' });
  await dashboard.open('sign-in/app');
  const identity = page.getByLabel('user', { exact: true });
  await expect(identity).toContainText('"https://acme.example/tier": "gold"');
  await dashboard.button('Add a name').click();
  await expect(page.getByLabel('Name 1: what tools see')).toBeFocused();
  await page.keyboard.type('tier');
  await page.getByLabel('Claim 1: where it comes from').fill('https://acme.example/tier');
  await expect(identity).toContainText('"tier": "gold"');
  await expect(identity).not.toContainText('groups');
  await dashboard.button('Add a name').click();
  await page.keyboard.type('plan');
  await page.getByLabel('Claim 2: where it comes from').fill('account.level');
  await expect(page.getByText('stays away')).toBeVisible();
  await page.getByLabel('Claim 2: where it comes from').fill('account.plan');
  await expect(identity).toContainText('"plan": "family"');
  await dashboard.isAccessible();

  // Leaving with changes asks; somebody else was faster: nothing of either is lost.
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: 'Key sets' }).click();
  await expect(page.getByText('Not saved yet')).toBeVisible();
  const at = `/environments/${dashboard.environment}/issuers/app`;
  const { etag } = await dashboard.owner.get(at);
  await dashboard.owner.put(at, { name: 'app', mode: 'hmac', issuer: 'https://theirs.example' }, { ifMatch: etag });
  await dashboard.button('Save').click();
  await expect(page.getByText('Changed meanwhile')).toBeVisible();
  await dashboard.button('See the difference').click();
  await expect(page.getByText('https://theirs.example')).toBeVisible();
  await dashboard.button('Overwrite with yours').click();
  await expect(page.getByText('Not saved yet')).toBeHidden();
  expect((await dashboard.owner.get(at)).body.mapping).toEqual({ tier: 'https://acme.example/tier', plan: 'account.plan' });
});

base('a secret is rotated while a chat is open: it goes on; killed, the chat asks to sign in', async ({ page, context }) => {
  const ends = [];
  try {
    const bank = await startBank({ after: (end) => ends.push(end) });
    const chat = page.locator('chatelaine-chat');
    const ask = async (text, answer) => {
      await chat.getByRole('textbox').fill(text);
      await chat.getByRole('textbox').press('Enter');
      await expect(chat.getByText(answer).last()).toBeVisible();
    };
    await page.goto(bank.acmeUrl);
    await chat.getByRole('button', { name: 'Open chat' }).click();
    await page.evaluate((token) => window.chatelaine('identify', { token }), await bank.token('ada'));
    await ask('What is my balance?', 'Your balance is 1,204.50 €, Ada Lovelace.');

    const owner = await signedIn(context, bank.server);
    const tab = await context.newPage();
    const dashboard = new Dashboard(tab, bank.server, owner, bank.server.acme.environment);
    await dashboard.open('identity-federation');
    await dashboard.button('Rotate…').click();
    await tab.getByLabel('1 hour').check();
    await dashboard.button('Rotate').click();
    const fresh = await tab.getByLabel('Signing secret of acme, in full').innerText();
    expect(fresh).not.toBe(bank.signingSecret);
    await dashboard.button('I have stored it').click();
    const old = tab.getByRole('listitem').filter({ hasText: 'Ending' });
    await expect(old).toContainText(/59:\d\d/);
    await expect(old).toBeVisible();

    await ask('What are your business hours?', 'Monday to Friday, 9:00 to 17:00');
    await ask('What is my balance?', 'Your balance is 1,204.50 €, Ada Lovelace.');
    // The app takes the new one into use; tokens of both are good now.
    await page.evaluate((token) => window.chatelaine('identify', { token }), await signWithSecret(fresh, ada({ iss: undefined, aud: undefined, ...(await claimsOf(await bank.token('ada'))) })));
    await ask('What is my balance?', 'Your balance is 1,204.50 €, Ada Lovelace.');

    await page.evaluate((token) => window.chatelaine('identify', { token }), await bank.token('ada'));
    await ask('What are your business hours?', 'Monday to Friday, 9:00 to 17:00');
    await old.getByRole('button', { name: 'Kill now…' }).click();
    await expect(tab.getByRole('dialog')).toContainText('Tokens signed with the other secret stay good.');
    await tab.getByRole('dialog').getByRole('textbox').fill('acme');
    await dashboard.button('Kill it').click();
    await expect(tab.getByRole('listitem').filter({ hasText: 'Ending' })).toHaveCount(0);
    await expect(async () => {
      await chat.getByRole('textbox').fill('What is my balance?');
      await chat.getByRole('textbox').press('Enter');
      await expect(chat.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible({ timeout: 3000 });
    }).toPass();
  } finally {
    for (const end of ends.reverse()) await end();
  }
});

async function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}
