// SPDX-License-Identifier: Apache-2.0
// Every page of the dashboard, gone to by clicking and opened by its address: nothing waits visibly for what is there, axe-core
// finds nothing in the dark either, and nothing is wider than 320 px. And the editor of JSON by keyboard.
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './dashboard.mjs';
import { watchBusy } from './watch-busy.mjs';

test.describe.configure({ timeout: 900_000 }); // as long as a busy machine takes: none of these measures the machine

/** The paths of all pages, as the table of pages has them; those without a session are not walked here. */
const routes = [...readFileSync(new URL('../dashboard/src/router.tsx', import.meta.url), 'utf8').matchAll(/getParentRoute: \(\) => (signedIn|environment),\s+path: '([^']*)',(?!\s+(?:component|beforeLoad))/g)]
  .map(([, parent, path]) => (parent === 'environment' ? `/e/$environment${path}` : path));
const isOf = (route, pathname) => new RegExp(`^${route.replace(/\$\w+/g, '[^/]+')}$`).test(pathname);
const routeOf = (pathname) => routes.filter((route) => isOf(route, pathname)).sort((one, other) => one.split('$').length - other.split('$').length)[0];

/** Waits until a page stands still, and until nothing more than that is to be seen. */
async function settled(page, where) {
  await page.waitForFunction(() => window.busy.idle > 3 || window.busy.needless > 100, null, { timeout: 60_000 });
  const { needless, undelayed } = await page.evaluate(() => ({ needless: window.busy.needless, undelayed: window.busy.undelayed }));
  expect.soft(undelayed, `${where}: says "wait" at once`).toEqual([]);
  expect.soft(Math.round(needless), `${where}: ms in which something said "wait" while nothing was on its way`).toBeLessThan(100);
  await page.evaluate(() => Object.assign(window.busy, { needless: 0, undelayed: [], idle: 0 }));
}

/** The paths that a page leads to. */
const linksOf = (page) => page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].map((link) => link.pathname));

test('every page is gone to without a visible wait', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await acme.openChat();
  await acme.ask('Where are your branches?');
  await acme.answered('Old Town');
  await page.addInitScript(watchBusy);

  const walked = new Set(['/e/$environment/new-issuer']); // left by "Save" alone, see dashboard-sign-in
  const arrive = async (how) => {
    await page.locator('#page-title').waitFor();
    const { pathname } = new URL(page.url());
    await settled(page, `${how} ${pathname}`);
    walked.add(routeOf(pathname));
  };
  const main = page.getByRole('main');
  /** Goes to a page by a link of the navigation, and from it further by a link of its own. */
  const go = async (name, further) => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
    await arrive(`clicked "${name}"`);
    if (!further) return;
    const before = page.url();
    await further.first().click();
    await page.waitForURL((url) => url.href !== before);
    await arrive(`clicked from "${name}"`);
  };
  const link = (name) => main.getByRole('link', { name, exact: true });
  const row = main.getByRole('table').getByRole('link');

  await dashboard.open('overview');
  await arrive('opened');
  await go('Start');
  await go('Visitor sign-in', link('acme'));
  await go('Identity federation');
  await go('Federation', link('Auth0'));
  await go('Test a token');
  await go('Key sets');
  await go('Custom tools', row);
  await go('Custom tools', link('New tool'));
  await go('Knowledge', row);
  await go('Knowledge', link('New snippet'));
  await go('Greeting and model');
  await go('Appearance');
  await go('Visitors', row);
  await go('Conversations', row);
  await go('Audit');
  await go('Settings', link('acme'));
  await go('Admins', row);
  await go('Ada');
  for (const name of ['Products', 'Installation', 'Audit of the installation']) {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(name);
    const before = page.url();
    await page.getByRole('option', { name }).first().click();
    await page.waitForURL((url) => url.href !== before);
    await arrive('by the palette');
  }
  expect(routes.filter((route) => !walked.has(route)), 'pages that nobody went to').toEqual([]);
});

test('every page is opened by its address without a visible wait, and axe-core finds nothing, in the dark and at 320 px', async ({ acme, dashboard }, info) => {
  const { page, environment } = dashboard;
  await acme.openChat();
  await acme.ask('Where are your branches?');
  await acme.answered('Old Town');
  await page.addInitScript(watchBusy);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });

  // From page to page by what each leads to, so that one of every kind is seen.
  const found = new Map(['/products', '/settings', '/audit', `/e/${environment}/overview`, `/e/${environment}/new-issuer`].map((path) => [routeOf(path), path]));
  for (const pathname of found.values()) { // grows while it is walked
    await page.goto(new URL(pathname, dashboard.server.url).href);
    await page.locator('#page-title').waitFor();
    await settled(page, `opened ${pathname}`);
    for (const next of await linksOf(page)) if (routeOf(next) && !found.has(routeOf(next))) found.set(routeOf(next), next);
    const shifts = await page.evaluate(() => window.busy.shifts);
    if (shifts > 0.01) info.annotations.push({ type: `layout shift of ${pathname}`, description: shifts.toFixed(3) });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode() /* in this page alone: no further one is opened to sum up */.options({ rules: { 'target-size': { enabled: true } } }).analyze();
    expect.soft(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.flat().join(' ')).join(', ')}`), pathname).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), `${pathname} at 320 px`).toBeLessThanOrEqual(320);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  expect(routes.filter((route) => !found.has(route)), 'pages that nothing leads to').toEqual([]);
});

test('the watch sees a mark that is shown at once and outlasts what it waits for, and lets one pass that does neither', async ({ page }) => {
  await page.addInitScript(watchBusy);
  await page.route('http://watched.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><h1 id="page-title">Page</h1><div id="place"></div>' }));
  await page.route('http://watched.example/slow', async (route) => {
    await new Promise((done) => setTimeout(done, 600));
    await route.fulfill({ body: 'there' });
  });
  const seen = async (act) => {
    await page.goto('http://watched.example/');
    await page.evaluate(act);
    await page.waitForFunction(() => window.busy.idle > 3 || window.busy.needless > 100);
    return page.evaluate(() => ({ isNeedless: window.busy.needless > 100, undelayed: window.busy.undelayed.length }));
  };
  expect(await seen(() => {
    document.querySelector('#place').innerHTML = '<p role="status" aria-label="Loading">…</p>';
  })).toEqual({ isNeedless: true, undelayed: 1 });
  expect(await seen(async () => {
    const place = document.querySelector('#place');
    const answer = fetch('/slow').then((response) => response.text());
    const mark = Object.assign(document.createElement('p'), { role: 'status', ariaLabel: 'Loading', textContent: '…' });
    mark.animate([{ opacity: 0 }, { opacity: 1 }], { delay: 150, duration: 150, fill: 'both' });
    place.append(mark);
    place.textContent = await answer;
  })).toEqual({ isNeedless: false, undelayed: 0 });
});

test('by keyboard alone: palette, table, window and every stop of Tab; the focus is seen, not covered and never lost', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await expect(acme.page).toHaveURL(/./);
  await dashboard.open('overview');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('custom tools');
  await expect(page.getByRole('option', { name: /Custom tools/ })).toBeVisible();
  await page.keyboard.press('Enter');
  const title = page.locator('#page-title');
  await expect(title).toHaveText('Custom tools');
  await expect(title).toBeFocused();
  const rows = page.getByRole('table').getByRole('link');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(title).not.toHaveText('Custom tools');
  await expect(title).toBeFocused();

  // A window takes the focus and gives it back, and so does the palette.
  await dashboard.button('Delete').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(dashboard.button('Delete')).toBeFocused();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dashboard.button('Delete')).toBeFocused();

  for (const path of ['sign-in', 'tools', 'settings', 'assistant']) {
    await dashboard.open(path);
    await page.waitForLoadState('networkidle');
    const stops = [];
    for (let stop = 0; stop < 80; stop++) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate(() => {
        const { activeElement } = document;
        if (!activeElement || activeElement === document.body) return null;
        const element = activeElement.matches('.visually-hidden') ? activeElement.closest('label') : activeElement; // drawn by its label
        const box = element.getBoundingClientRect();
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const top = document.elementFromPoint(box.x + box.width / 2, Math.max(0, box.y) + Math.min(box.height, 24) / 2);
        return {
          what: element.outerHTML.slice(0, 100), isMarked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2, isUncovered: top !== null && (element.contains(top) || top.contains(element)),
        };
      });
      if (found === null) break;
      stops.push(found);
    }
    expect(stops.length, path).toBeGreaterThan(20);
    expect(stops.filter(({ isMarked }) => !isMarked).map(({ what }) => what), `${path}: has the focus unseen`).toEqual([]);
    expect(stops.filter(({ isUncovered }) => !isUncovered).map(({ what }) => what), `${path}: has the focus behind something`).toEqual([]);
  }
});

test('a chart is read by keyboard', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await acme.openChat();
  await acme.ask('Where are your branches?');
  await acme.answered('Old Town');
  const chart = page.getByRole('img', { name: /^Messages/ });
  await expect(async () => { // what is counted is stored from time to time
    await dashboard.open('overview');
    await expect(chart).toBeVisible({ timeout: 2000 });
  }).toPass();
  await chart.focus();
  const spoken = page.getByRole('status').filter({ hasText: /verified (none|\d)/ });
  await page.keyboard.press('ArrowLeft');
  const latest = await spoken.innerText();
  expect(latest).toMatch(/anonymous [1-9]/);
  await page.keyboard.press('ArrowLeft');
  await expect(spoken).not.toHaveText(latest);
  await page.keyboard.press('End');
  await expect(spoken).toHaveText(latest);
  await page.keyboard.press('Escape');
  await expect(spoken).toHaveCount(0);
});

test('JSON is written by keyboard: brackets and lines come along, an error stands at its place, and Escape lets Tab leave', async ({ acme, dashboard }) => {
  const { page } = dashboard;
  await expect(acme.page).toHaveURL(/./); // its page stands beside, as in every story
  await dashboard.open('tools/get_balance');
  await page.getByRole('tab', { name: 'JSON', exact: true }).click();
  const editor = page.locator('[contenteditable]').and(page.getByRole('textbox', { name: 'Tool as JSON' }));
  await editor.focus();
  const inEditor = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('aria-label') ?? null);

  // What is broken is marked in its line, and told to whoever does not see it.
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.type('x');
  await expect(page.getByText('Line 2, column 3: “x” does not belong here.')).toBeVisible();
  await expect(editor).toHaveAttribute('aria-invalid', 'true');
  await expect(editor).toHaveAttribute('aria-description', /Line 2, column 3.*Esc, then Tab, leaves/);
  await expect(page.locator('.cm-gutter-lint .cm-lint-marker-error')).toHaveCount(1);
  await expect(page.locator('.cm-lintRange-error')).toHaveText('x');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(editor).not.toHaveAttribute('aria-invalid');
  await dashboard.isAccessible();

  await page.keyboard.press('Control+a');
  await page.keyboard.type('{"a": [');
  await page.keyboard.press('Enter');
  await page.keyboard.type('1,');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  expect((await editor.innerText()).split('\n')).toEqual(['{"a": [', '  1,', '    2', ']}']);
  expect(await inEditor()).toBe('Tool as JSON');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  expect(await inEditor()).toBeNull();
  await page.keyboard.press('Tab');
  expect(await inEditor()).toBe('Tool as JSON'); // coming back, Tab indents again
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(dashboard.button('Set in order')).toBeFocused();
  await page.keyboard.press('Enter');
  expect((await editor.innerText()).split('\n')).toEqual(['{', '  "a": [', '    1,', '    2', '  ]', '}']);
});
