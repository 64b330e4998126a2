// SPDX-License-Identifier: Apache-2.0
// The dashboard beside Acme's page, signed in as the owner, in a window that notices what must never happen.
import { AxeBuilder } from '@axe-core/playwright';
import { setUp } from '../../tests/integration/lib/openapi.mjs';
import { expect, test as base } from './lib.mjs';

/** The dashboard in a window of its own, signed in as the owner of Acme's server. */
class Dashboard {
  constructor(page, server) {
    Object.assign(this, { page, server });
    this.environment = server.acme.environment;
  }

  async open(path) {
    await this.page.goto(`${this.server.url}/e/${this.environment}/${path}`);
    await expect(this.page.locator('#page-title')).toBeVisible();
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  row(text) {
    return this.page.getByRole('row').filter({ hasText: text });
  }

  async isAccessible() {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' ')).join(', ')}`)).toEqual([]);
  }
}

export const test = base.extend({
  dashboard: async ({ browser, bank }, use) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    const { cookie } = await setUp(bank.server);
    await context.addCookies(cookie.split('; ').filter((pair) => !pair.endsWith('=')).map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: bank.server.url, httpOnly: true, sameSite: 'Lax' };
    }));
    const page = await context.newPage();
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && wrong.push(message.text()));
    page.on('request', (request) => {
      const { origin, protocol, href } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== bank.server.url) wrong.push(`a request to ${origin}`);
      if (/eyJ/.test(href)) wrong.push(`a token in ${href}`);
    });
    await use(new Dashboard(page, bank.server));
    expect(wrong).toEqual([]);
    await context.close();
  },
});
export { expect };
