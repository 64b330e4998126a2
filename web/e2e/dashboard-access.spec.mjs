// SPDX-License-Identifier: Apache-2.0
// The first hour of an installation, as its administrators live it: the link on the console, the first product, a second factor, a
// passkey, a colleague invited, and both of them at the same settings at once.
import { createHmac } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import { startServer } from '../../tests/integration/lib/server.mjs';

const password = 'four kingfishers at noon';
const ada = { name: 'Ada Lovelace', email: 'ada@acme.example' };

/** A one-time code (RFC 6238) of `steps` half minutes from now. */
function oneTimeCode(secret, steps = 0) {
  const bits = [...secret].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  return String((digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const test = base.extend({
  /** With the pages in the binary, or those in CHATELAINE_WEB, where they are being worked on. */
  server: async ({}, use) => { // eslint-disable-line no-empty-pattern
    const ends = [];
    await use(await startServer({ after: (end) => ends.push(end) }, process.env.CHATELAINE_WEB ? { args: ['--web', process.env.CHATELAINE_WEB] } : {}));
    for (const end of ends.reverse()) await end();
  },
  /** Opens a browser of its own, which notices what must never happen. The address is a name: passkeys need one. */
  open: async ({ browser, server }, use) => {
    const wrong = [];
    const contexts = [];
    const origin = server.url.replace('127.0.0.1', 'localhost');
    await use(async (path) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce' });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && wrong.push(message.text()));
      page.on('request', (request) => !request.url().startsWith(`${origin}/`) && !/^(?:data|blob):/.test(request.url()) && wrong.push(`a request to ${request.url()}`));
      await page.goto(origin + path);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(wrong).toEqual([]);
  },
});

test.setTimeout(120_000); // each is a long story

const title = (page, name) => expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
const button = (page, name) => page.getByRole('button', { name, exact: true });

async function isAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' ')).join(', ')}`)).toEqual([]);
}

/** The first administrator, by the link that the server printed. */
async function firstRun(server, open) {
  await expect.poll(() => server.stdout).toContain('/setup#');
  const page = await open(`/setup#${/\/setup#(\S+)/.exec(server.stdout)[1]}`);
  await title(page, 'Set up Chatelaine');
  expect(page.url()).not.toContain('#'); // the token leaves the address bar at once
  await page.getByLabel('Your name').fill(ada.name);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password').fill(password);
  await button(page, 'Begin').click();
  await title(page, 'Products');
  return page;
}

async function createEnvironment(page) {
  await button(page, 'New product').first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('shop');
  await button(page, 'Create').click();
  await title(page, 'shop');
  await button(page, 'New environment').click();
  await page.getByRole('dialog').getByLabel('Name').fill('live');
  await button(page, 'Create').click();
  await page.waitForURL(/\/e\/env_[0-9a-f]+\/start/);
  return /\/e\/env_[0-9a-f]+/.exec(page.url())[0];
}

async function signOut(page) {
  await button(page, 'Sign out').click();
  await title(page, 'Sign in');
}

async function giveSignIn(page, email) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await button(page, 'Sign in').click();
}

test('first run, one-time codes, recovery codes, a passkey', async ({ server, open }) => {
  const page = await firstRun(server, open);
  await isAccessible(page);
  await createEnvironment(page);
  await isAccessible(page);

  // The link works once: whoever finds it later learns that.
  const late = await open('/setup#whatever');
  await title(late, 'Set up already');

  // A wrong password says neither which of the two was wrong, nor anything else.
  await signOut(page);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password').fill('not the password');
  await button(page, 'Sign in').click();
  await expect(page.getByRole('alert').filter({ hasText: /wrong/i })).toBeVisible();
  await giveSignIn(page, ada.email);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  await page.getByRole('link', { name: ada.name }).click();
  await title(page, 'Your account');
  await page.locator('section', { hasText: 'One-time codes' }).getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up one-time codes' });
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible();
  const secret = await dialog.locator('code').innerText();
  await dialog.getByLabel('The six digits it shows now').fill('000000');
  await button(page, 'Switch on').click();
  await expect(dialog.getByRole('alert').or(dialog.locator('[aria-invalid]')).first()).toBeVisible();
  await dialog.getByLabel('The six digits it shows now').fill(oneTimeCode(secret));
  await button(page, 'Switch on').click();
  const codes = (await page.getByLabel('Recovery codes, in full').innerText()).trim().split('\n');
  expect(codes).toHaveLength(10);
  await isAccessible(page);
  await button(page, 'I have stored it').click();
  await expect(page.getByText(codes[0])).toHaveCount(0);

  // A passkey of this device, and what signs in with it.
  const authenticator = await page.context().newCDPSession(page);
  await authenticator.send('WebAuthn.enable');
  const { authenticatorId } = await authenticator.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await button(page, 'Add a passkey').click();
  await page.getByRole('dialog', { name: 'Add a passkey' }).getByLabel('Name').fill('Laptop');
  await button(page, 'Go on').click();
  await expect(button(page, 'Rename Laptop')).toBeVisible();

  await authenticator.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await signOut(page);
  await giveSignIn(page, ada.email);
  await title(page, 'Second step');
  await isAccessible(page);
  await button(page, 'Use a recovery code').click();
  await page.getByLabel('Recovery code', { exact: true }).fill(codes[0]);
  await button(page, 'Sign in').click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  await signOut(page);
  await giveSignIn(page, ada.email);
  await page.getByLabel('One-time code').fill(oneTimeCode(secret, 1)); // the code of a step works once, this step's is spent
  await button(page, 'Sign in').click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();

  await signOut(page);
  await authenticator.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await button(page, 'Sign in with a passkey').click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.getByRole('link', { name: ada.name }).click();
  await expect(page.getByText('9 recovery codes left')).toBeVisible();
});

test('a colleague is invited, and both change the same settings at once', async ({ server, open }) => {
  const owner = await firstRun(server, open);
  const environment = await createEnvironment(owner);

  await owner.getByRole('link', { name: 'Admins' }).click();
  await title(owner, 'Admins');
  await button(owner, 'Invite').click();
  const dialog = owner.getByRole('dialog', { name: 'Invite an administrator' });
  await dialog.getByLabel('Name').fill('Grace Hopper');
  await dialog.getByLabel('E-mail').fill('grace@acme.example');
  await dialog.getByLabel('Role', { exact: true }).selectOption('Admin');
  await dialog.getByRole('combobox', { name: 'In' }).fill('sh');
  await owner.getByRole('option', { name: 'shop' }).click();
  await button(dialog, 'Invite').click();
  const link = await owner.getByLabel('Invitation for Grace Hopper, in full').innerText();
  await button(owner, 'I have stored it').click();
  await expect(owner.getByRole('row', { name: /Grace Hopper/ })).toContainText('invited');
  await isAccessible(owner);

  const colleague = await open(new URL(link).pathname + new URL(link).hash);
  await title(colleague, 'Your invitation');
  await colleague.getByLabel('Password').fill(password);
  await button(colleague, 'Go in').click();
  await title(colleague, 'Products');
  await expect(colleague.getByRole('row', { name: /shop/ })).toContainText('admin');
  const second = await open(new URL(link).pathname + new URL(link).hash);
  await second.getByLabel('Password').fill(password);
  await button(second, 'Go in').click();
  await expect(second.getByRole('alert').filter({ hasText: /invitation/i })).toBeVisible(); // it worked once

  // Both look at the limits; the colleague saves first.
  const limit = (page) => page.getByLabel('Messages a minute, of one visitor');
  for (const page of [owner, colleague]) {
    await page.goto(`${new URL(page.url()).origin}${environment}/settings?section=limits`);
    await expect(limit(page)).toHaveValue('');
  }
  await limit(colleague).fill('30');
  await button(colleague, 'Save').click();
  await expect(colleague.getByText('Saved').first()).toBeVisible();
  await limit(owner).fill('90');
  await button(owner, 'Save').click();
  const conflict = owner.getByRole('dialog', { name: 'Changed meanwhile' });
  await button(conflict, 'See the difference').click();
  await expect(conflict.getByRole('row', { name: /visitorMessagesPerMinute/ })).toContainText(/30.*90/s);
  await isAccessible(owner);
  await button(conflict, 'Take theirs').click();
  await expect(limit(owner)).toHaveValue('30');

  // Once more, and this time over theirs; another part of the same configuration is no conflict.
  await limit(owner).fill('90');
  await button(owner, 'Save').click();
  await expect(owner.getByText('Saved').first()).toBeVisible();
  await colleague.getByRole('tab', { name: 'Keys and origins' }).click();
  await colleague.getByLabel('One a line').fill('https://shop.example');
  await button(colleague, 'Save').click();
  await expect(colleague.getByText('Not saved yet')).toBeHidden();
  await colleague.getByRole('tab', { name: 'Limits' }).click();
  await expect(limit(colleague)).toHaveValue('90');
  await limit(colleague).fill('45');
  await button(colleague, 'Save').click();
  await expect(colleague.getByText('Not saved yet')).toBeHidden();

  // Taken out: whatever they do next, they are outside.
  await owner.goto(`${new URL(owner.url()).origin}/admins`);
  await owner.getByRole('link', { name: 'Grace Hopper' }).click();
  await title(owner, 'Grace Hopper');
  await button(owner, 'Remove…').click();
  await owner.getByRole('dialog').getByRole('textbox').fill('grace@acme.example');
  await button(owner, 'Remove administrator').click();
  await expect(owner.getByRole('row', { name: /Grace Hopper/ })).toHaveCount(0);
  await limit(colleague).fill('1');
  await button(colleague, 'Save').click();
  await title(colleague, 'Sign in');
  expect(new URL(colleague.url()).searchParams.get('returnTo')).toContain('/settings');
});
