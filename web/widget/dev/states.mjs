// SPDX-License-Identifier: Apache-2.0
/** The states of the chat that must be seen (and be beautiful), each with what brings it about. */
export const phone = { width: 390, height: 844 };
export const desktop = { width: 1100, height: 760 };

/** Everything of the chat is in its shadow root, which Playwright's selectors look into. */
export const chat = (page) => page.locator('chatelaine-chat');
export const open = async (page) => {
  const bar = page.locator('chatelaine-chat .launcher, chatelaine-chat .bar');
  await bar.click();
  await page.locator('chatelaine-chat .composer textarea').waitFor();
};
export const say = async (page, text) => {
  await page.locator('chatelaine-chat textarea').fill(text);
  await page.locator('chatelaine-chat textarea').press('Enter');
};
export const see = (page, selector) => page.locator(`chatelaine-chat ${selector}`).last().waitFor();
export const answered = async (page, count = 1) => {
  await page.locator('chatelaine-chat .answer:is(.done, .stopped, .failed)').nth(count - 1).waitFor({ timeout: 20_000 });
};
const identify = async (page, who) => {
  await page.evaluate((name) => window.chatelaine('identify', window.makeToken(name)), who);
};

/** The visitor's own text size at 200 %, as set in the browser. */
const doubleText = async (page, context) => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
};

export const states = [
  { name: 'closed', async act(page) { await see(page, '.launcher'); } },
  { name: 'empty', async act(page) { await open(page); } },
  { name: 'answered', async act(page) { await open(page); await say(page, 'What are your business hours?'); await answered(page); } },
  { name: 'sign-in', async act(page) { await open(page); await say(page, 'What are your business hours?'); await answered(page); await say(page, 'What is my balance?'); await see(page, '.card'); }, query: '?key=pk_popup' },
  { name: 'sign-in-page', async act(page) { await open(page); await say(page, 'What is my balance?'); await see(page, '.card'); } },
  { name: 'sign-in-elsewhere', async act(page) { await open(page); await say(page, 'What is my balance?'); await page.locator('chatelaine-chat .card .primary').click(); await see(page, '.waiting'); await page.bringToFront(); }, query: '?key=pk_popup' },
  { name: 'signed-in', async act(page) { await open(page); await say(page, 'What is my balance?'); await see(page, '.card'); await identify(page, 'ada'); await answered(page); } },
  { name: 'tool', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'Are you looking?'); await see(page, '.tool.running'); } },
  { name: 'thinking', async act(page) { await open(page); await say(page, 'Think about it'); await see(page, '.thinking'); } },
  { name: 'streaming', async act(page) { await open(page); await say(page, 'A slow answer'); await see(page, '.answer.streaming li'); } },
  { name: 'stopped', async act(page) { await open(page); await say(page, 'A slow answer'); await see(page, '.answer.streaming h3'); await page.locator('chatelaine-chat .send').click(); await answered(page); } },
  { name: 'long', async act(page) { await open(page); await say(page, 'A long answer'); await answered(page); await page.locator('chatelaine-chat .transcript').hover(); await page.mouse.wheel(0, -700); await see(page, '.to-end'); } },
  { name: 'table', async act(page) { await open(page); await say(page, 'Show my last transactions in a table'); await answered(page); } },
  { name: 'code', async act(page) { await open(page); await say(page, 'Show me the code'); await answered(page); } },
  { name: 'attack', async act(page) { await open(page); await say(page, 'attack'); await answered(page); } },
  { name: 'broken', async act(page) { await open(page); await say(page, 'A broken tool'); await answered(page); } },
  { name: 'failed', async act(page) { await open(page); await say(page, 'refuse this one'); await see(page, '.fate.failed'); } },
  { name: 'expired', async act(page) { await open(page); await identify(page, 'short'); await say(page, 'hours?'); await answered(page); await page.waitForTimeout(3000); await say(page, 'What is my balance?'); await see(page, '.card'); } },
  { name: 'switched', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'What is my balance?'); await answered(page); await identify(page, 'bob'); await see(page, '.notice.switched'); await say(page, 'What is my balance?'); await answered(page); } },
  { name: 'signed-out', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'What is my balance?'); await answered(page); await page.evaluate(() => window.chatelaine('logout')); await see(page, '.notice.signed-out'); } },
  { name: 'authenticating', async act(page) { await open(page); await say(page, 'hours'); await answered(page); await identify(page, 'ada'); await page.locator('chatelaine-chat textarea').fill('What is my balance?'); await see(page, '.send[aria-busy=true]'); }, query: '?delay=60000' },
  { name: 'reconnecting', async act(page, { context, fake }) { await open(page); await say(page, 'hours'); await answered(page); await page.evaluate(() => { window.WebSocket = class extends window.WebSocket { constructor() { super(`ws://${location.host}/nowhere`); } }; }); fake.drop(); await see(page, '.connection'); await say(page, 'What is my balance?'); await page.waitForTimeout(1500); void context; } },
  { name: 'offline', async act(page, { context }) { await open(page); await say(page, 'hours'); await answered(page); await context.setOffline(true); await see(page, '.connection.offline'); await say(page, 'What is my balance?'); await page.waitForTimeout(300); } },
  { name: 'unavailable', async act(page) { await open(page); await say(page, 'gone'); await see(page, '.connection.unavailable'); } },
  { name: 'menu', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'What is my balance?'); await answered(page); await page.locator('chatelaine-chat .head [aria-expanded]').click(); await see(page, '.menu'); } },
  { name: 'history', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'What is my balance?'); await answered(page); await page.locator('chatelaine-chat .head [aria-expanded]').click(); await page.locator('chatelaine-chat .menu button').nth(1).click(); await see(page, '.conversations'); } },
  { name: 'six-lines', async act(page) { await open(page); await page.locator('chatelaine-chat textarea').fill('One line.\n'.repeat(9) + 'And a last one.'); } },
  { name: 'too-long', async act(page) { await open(page); await page.locator('chatelaine-chat textarea').fill('Too much of it. '.repeat(30)); await see(page, '.count.over'); } },
  { name: 'rtl', async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'رصيد'); await answered(page); await say(page, 'What is my balance?'); await answered(page, 2); }, query: '?dir=rtl' },
  { name: 'german', async act(page) { await open(page); await say(page, 'What is my balance?'); await see(page, '.card'); }, query: '?lang=de&key=pk_popup' },
  { name: 'narrow', viewport: { width: 320, height: 568 }, async act(page) { await open(page); await say(page, 'Show my last transactions in a table'); await answered(page); await say(page, 'What is my balance?'); await see(page, '.card'); }, query: '?key=pk_popup' },
  { name: 'large-text', prepare: doubleText, async act(page) { await open(page); await identify(page, 'ada'); await say(page, 'What is my balance?'); await answered(page); await say(page, 'refuse'); await see(page, '.fate.failed'); } },
  { name: 'large-text-empty', prepare: doubleText, async act(page) { await open(page); } },
  { name: 'inline', async act(page) { await see(page, 'textarea'); await say(page, 'What are your business hours?'); await answered(page); }, query: '?display=inline' },
  { name: 'bar', async act(page) { await see(page, '.bar'); }, query: '?display=bar' },
  { name: 'theme', async act(page) { await open(page); await say(page, 'What is my balance?'); await see(page, '.card'); }, query: '?primary=%23b3261e&key=pk_popup' },
];
