// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
/** The built widget in a real browser, on a page with a strict policy, against the stand-in server. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { launchBrowser } from '../dev/browser.mjs';
import { startDevServer } from '../dev/server.mjs';

type Heard = [string, Record<string, unknown>];
declare global {
  interface Window {
    heard: Heard[];
    asked: number;
    makeToken(who: string, seconds?: number): string;
    pwned?: unknown;
  }
}
type Chatelaine = (...call: unknown[]) => void;

let browser: Browser;
let server: Awaited<ReturnType<typeof startDevServer>>;
let context: BrowserContext;
let troubles: string[];

beforeAll(async () => {
  server = await startDevServer({ built: inject('built') });
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(async () => {
  troubles = [];
  context = await browser.newContext({ viewport: { width: 1100, height: 760 } });
  context.setDefaultTimeout(10_000);
});
afterEach(async () => {
  await context.close();
  expect(troubles).toEqual([]);
});

async function visit(query = ''): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => /Content Security Policy|TrustedHTML/.test(message.text()) && troubles.push(message.text()));
  page.on('request', (request) => request.url().startsWith(server.url) || troubles.push(`asked ${request.url()}`));
  await page.goto(server.url + query);
  return page;
}
const chat = (page: Page): Locator => page.locator('chatelaine-chat');
const field = (page: Page): Locator => chat(page).getByRole('textbox');
const call = (page: Page, ...what: unknown[]): Promise<void> =>
  page.evaluate((rest) => (window as unknown as { chatelaine: Chatelaine }).chatelaine(...rest), what);
const identify = async (page: Page, who: string, seconds?: number): Promise<void> =>
  call(page, 'identify', await page.evaluate(([name, life]) => window.makeToken(name as string, life as number | undefined), [who, seconds]));
async function open(page: Page): Promise<void> {
  await chat(page).getByRole('button', { name: 'Open chat' }).click();
  await field(page).waitFor();
}
async function say(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}
const see = (page: Page, text: string | RegExp): Promise<void> => chat(page).getByText(text).last().waitFor();
const heard = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate((wanted) => window.heard.filter(([one]) => one === wanted).map(([, detail]) => detail), name);
const frames = (): string[] => server.fake.log;

describe('what a page pays', () => {
  it('is the loader alone until the chat is opened, and no connection', async () => {
    const asked: string[] = [];
    context.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const page = await visit();
    await chat(page).getByRole('button', { name: 'Open chat' }).waitFor();
    expect(asked.filter((path) => path.startsWith('/assets/chat.'))).toEqual([]);
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await open(page);
    expect(asked.filter((path) => path.startsWith('/assets/chat.'))).toHaveLength(1);
    expect(sockets).toEqual([]);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
    expect(sockets).toHaveLength(1);
  });
});

describe('the page', () => {
  it('needs no script of its own, and may load the chat before its body is there', async () => {
    const page = await visit('/early.html');
    await open(page);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
  });

  it('keeps its focus and its place when it opens the chat itself', async () => {
    const page = await visit();
    await chat(page).getByRole('button', { name: 'Open chat' }).waitFor();
    const button = page.getByRole('button', { name: 'Sign in as Ada' });
    await button.focus();
    await call(page, 'open');
    await field(page).waitFor();
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.evaluate(() => scrollY)).toBe(0);
  });

  it('gets the focus back where it was when the visitor closes with Escape', async () => {
    const page = await visit();
    await open(page);
    expect(await field(page).evaluate((element) => element === (element.getRootNode() as ShadowRoot).activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    const launcher = chat(page).getByRole('button', { name: 'Open chat' });
    expect(await launcher.evaluate((element) => element === (element.getRootNode() as ShadowRoot).activeElement)).toBe(true);
  });

  it('cannot be hurt by an answer', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'attack');
    await see(page, 'a good one');
    expect(await page.evaluate(() => window.pwned)).toBeUndefined();
    expect(await chat(page).locator('.answer img, .answer script, .answer svg').count()).toBe(0);
  });

  it('hears what happens', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'What is my balance?');
    await see(page, 'Sign in to go on');
    expect(await heard(page, 'authRequired')).toEqual([{ why: 'sign-in-required', tool: { name: 'get_balance', title: 'Account balance' } }]);
    await identify(page, 'ada');
    await see(page, '1,204.50');
    expect(await heard(page, 'identity')).toEqual([{ user: { sub: 'ada', name: 'Ada Lovelace' } }]);
    expect((await heard(page, 'message')).map((one) => (one as { role: string }).role)).toEqual(['visitor', 'assistant']);
  });
});

describe('sign-in', () => {
  it('in a new tab answers the message that waited', async () => {
    const page = await visit('?key=pk_popup');
    await open(page);
    await say(page, 'What is my balance?');
    const [popup] = await Promise.all([page.waitForEvent('popup'), chat(page).getByRole('button', { name: 'Sign in', exact: true }).click()]);
    await see(page, 'Waiting for you to sign in');
    await popup.getByRole('button', { name: 'Sign in as Ada' }).click();
    await see(page, 'Your balance is');
    await see(page, 'Ada Lovelace');
    expect(await page.evaluate(() => [...Object.values(localStorage), ...Object.values(sessionStorage)].join())).not.toContain('eyJ');
  });

  it('takes no token from another window, even of the right origin', async () => {
    const page = await visit('?key=pk_popup');
    await open(page);
    await say(page, 'What is my balance?');
    await Promise.all([page.waitForEvent('popup'), chat(page).getByRole('button', { name: 'Sign in', exact: true }).click()]);
    await see(page, 'Waiting for you to sign in');
    const upgrades = frames().filter((type) => type === 'auth.upgrade').length;
    await page.evaluate(() => window.postMessage({ type: 'chatelaine-identify', token: window.makeToken('bob') }, location.origin));
    await page.waitForTimeout(300);
    expect(frames().filter((type) => type === 'auth.upgrade')).toHaveLength(upgrades);
    await see(page, 'Not signed in');
  });

  it('by the page\'s own means: the button says so to the page', async () => {
    const page = await visit('?listen=1');
    await open(page);
    await say(page, 'What is my balance?');
    await chat(page).getByRole('button', { name: 'Sign in', exact: true }).click();
    await see(page, '1,204.50');
  });

  it('that has ended lets the chat go on, and asks again when it is needed', async () => {
    const page = await visit();
    await open(page);
    await identify(page, 'short', 2);
    await see(page, 'Sam Short');
    await page.waitForTimeout(2200);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
    await see(page, 'Your sign-in has ended');
    expect(await heard(page, 'identityExpired')).toHaveLength(1);
    await say(page, 'What is my balance?');
    await see(page, 'Sign in to go on');
  });

  it('is renewed before a message, with a spinner in the send button, and by no timer', async () => {
    const page = await visit('?provider=ada');
    await open(page);
    await identify(page, 'ada', 120);
    await see(page, 'Ada Lovelace');
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => window.asked)).toBeUndefined();
    await say(page, 'What is my balance?');
    await chat(page).locator('.send[aria-busy=true]').waitFor();
    await see(page, '1,204.50');
    await chat(page).locator('.send[aria-busy=false]').waitFor();
    expect(await page.evaluate(() => window.asked)).toBe(1);
    expect(frames()).toContain('auth.refresh');
  });

  it('as somebody else leaves nothing of the first on the screen', async () => {
    const page = await visit();
    await open(page);
    await identify(page, 'ada');
    await say(page, 'What is my balance?');
    await see(page, ', Ada.');
    await identify(page, 'bob');
    await see(page, 'Signed in as Bob');
    expect(await chat(page).getByText(', Ada.').count()).toBe(0);
    await say(page, 'What is my balance?');
    await see(page, ', Bob.');
  });
});

describe('tabs', () => {
  it('share one identity, and one conversation', async () => {
    const first = await visit();
    await open(first);
    await identify(first, 'ada');
    await say(first, 'What is my balance?');
    await see(first, ', Ada.');
    const second = await visit();
    await open(second);
    await see(second, 'Ada Lovelace');
    await see(second, ', Ada.');
    await say(second, 'hours?');
    await see(second, 'Monday to Friday');
    await see(first, 'Monday to Friday');
    await call(first, 'logout');
    await see(second, 'Not signed in');
    expect(await chat(second).getByText(', Ada.').count()).toBe(0);
  });
});

describe('a lost connection', () => {
  it('in the middle of an answer: the answer is there whole, once', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'Please drop the connection');
    await see(page, /once: the widget came back/);
    expect(await chat(page).locator('.answer').count()).toBe(1);
    expect(await chat(page).locator('.visitor').count()).toBe(1);
  });

  it('keeps what is written meanwhile', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
    await context.setOffline(true);
    await see(page, 'You are offline');
    await say(page, 'What is the code?');
    await see(page, 'Goes out as soon as there is a connection');
    await context.setOffline(false);
    await see(page, 'Call it from your backend');
    expect(await chat(page).locator('.visitor').count()).toBe(2);
  });

  it('by a reload: the conversation is there', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
    await page.reload();
    await open(page);
    await see(page, 'Monday to Friday');
  });
});

describe('the panel', () => {
  it('remembers the size that it is given, by keyboard too', async () => {
    const page = await visit();
    await open(page);
    const width = (): Promise<number> => chat(page).locator('.panel').evaluate((element) => element.getBoundingClientRect().width);
    const before = await width();
    await chat(page).getByRole('button', { name: 'Resize' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await width()).toBe(before + 48);
    await page.reload();
    await open(page);
    expect(await width()).toBe(before + 48);
  });

  it('says what is new, once, to a screen reader', async () => {
    const page = await visit();
    await open(page);
    const status = chat(page).getByRole('status');
    await say(page, 'hours?');
    await expect.poll(() => status.textContent()).toContain('We are open Monday to Friday, 9:00 to 17:30');
    await expect.poll(() => status.textContent(), { timeout: 5000 }).toBe('');
  });

  it('ends a long answer when told to', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'A slow answer');
    await chat(page).locator('.answer.streaming h3').waitFor();
    await chat(page).getByRole('button', { name: 'Stop the answer' }).click();
    await see(page, 'Stopped.');
    await chat(page).getByRole('button', { name: 'Send' }).waitFor();
  });

  it('goes, with its connection, when it is destroyed', async () => {
    const page = await visit();
    await open(page);
    await say(page, 'hours?');
    await see(page, 'Monday to Friday');
    await call(page, 'destroy');
    expect(await chat(page).count()).toBe(0);
  });

  it('lets a signed-in visitor go on with an earlier conversation', async () => {
    const page = await visit();
    await open(page);
    await identify(page, 'ada');
    await say(page, 'Show me the code');
    await see(page, 'Call it from your backend');
    await chat(page).getByRole('button', { name: 'Menu' }).click();
    await chat(page).getByRole('button', { name: 'New conversation' }).click();
    await see(page, 'What can we do for you?');
    await chat(page).getByRole('button', { name: 'Menu' }).click();
    await chat(page).getByRole('button', { name: 'Your conversations' }).click();
    await chat(page).getByRole('button', { name: /Show me the code/ }).last().click();
    await see(page, 'Call it from your backend');
  });
});
