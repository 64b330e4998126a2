// SPDX-License-Identifier: Apache-2.0
// The pages under test: a bank and its server of their own for each test, and a page that notices what must never happen
// (an error in the console, a breach of the page's policy, a request to a third party).
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import { passwords, startBank } from '../../tests/integration/lib/bank.mjs';

const shots = new URL('../../build/e2e/', import.meta.url).pathname;

export const test = base.extend({
  bankOptions: [{}, { option: true }],
  bank: async ({ bankOptions }, use) => {
    const ends = [];
    const pages = process.env.CHATELAINE_WEB; // where they are being worked on, instead of those in the binary
    const bank = await startBank({ after: (end) => ends.push(end) }, { ...(pages ? { args: ['--allow-private-egress', '--web', pages] } : {}), ...bankOptions });
    await use(bank);
    for (const end of ends.reverse()) await end();
  },
  acme: async ({ page, bank }, use, info) => {
    const wrong = [];
    page.on('console', (message) => {
      // A refused sign-in is a 401 of Acme's own, which the browser writes down.
      if (message.type() === 'error' && !/status of 401/.test(message.text())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && ![bank.acmeUrl, bank.server.url].includes(origin)) wrong.push(`a request to ${origin}`);
    });
    await page.goto(bank.acmeUrl);
    const acme = new Acme(page, bank, info);
    await use(acme);
    if (!acme.mayErr) expect(wrong).toEqual([]);
  },
});
export { expect };

/** Acme's page with the chat on it, in the words of somebody who uses it. */
class Acme {
  constructor(page, bank, info) {
    this.page = page;
    this.bank = bank;
    this.info = info;
    this.chat = page.locator('chatelaine-chat');
    this.input = this.chat.getByRole('textbox');
    this.signInButton = this.chat.getByRole('button', { name: 'Sign in', exact: true });
    this.mayErr = false;
  }

  /** For tests that break the connection, which the browser writes down as an error. */
  allowErrors() {
    this.mayErr = true;
  }

  /** What Acme's page does after a sign-in, done directly. */
  identify(token) {
    return this.page.evaluate((one) => window.chatelaine('identify', { token: one }), token);
  }

  /** The same bank in another tab of the same browser. */
  inTab(page) {
    return new Acme(page, this.bank, this.info);
  }

  async openChat() {
    await this.chat.getByRole('button', { name: 'Open chat' }).click();
    await expect(this.input).toBeVisible();
  }

  async ask(text) {
    await this.input.fill(text);
    await this.input.press('Enter');
    await expect(this.chat.getByText(text).last()).toBeVisible();
  }

  /** The latest answer says this. */
  async answered(text) {
    await expect(this.chat.getByText(text).last()).toBeVisible();
  }

  /** Acme's own form, which is open by now. */
  async fillSignIn(login) {
    const dialog = this.page.getByRole('dialog', { name: 'Sign in to Acme' });
    await dialog.getByLabel('Name').fill(login);
    await dialog.getByLabel('Password').fill(passwords[login]);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog).toBeHidden();
  }

  async signIn(login) {
    await this.page.locator('.visitor').getByRole('link', { name: 'Sign in' }).click();
    await this.fillSignIn(login);
  }

  async signOut() {
    await this.page.getByRole('button', { name: 'Sign out' }).first().click();
    await expect(this.page.locator('.visitor').getByRole('link', { name: 'Sign in' })).toBeVisible();
  }

  shot(name) {
    return this.page.screenshot({ path: `${shots}${this.info.project.name}/${name}.png`, animations: 'disabled' });
  }

  /** No violation that axe-core knows of, on Acme's page and in the chat. */
  async isAccessible() {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' ')).join(', ')}`)).toEqual([]);
  }
}
