// SPDX-License-Identifier: Apache-2.0
// `npm run look:dashboard [-- page …]`: a picture of every page at phone and desktop width, light and dark, in build/look/dashboard,
// and axe-core's opinion of each. A page is named in dev/pages/*.mjs. ONLY=phone,desktop-dark for some ways to look.
// HOSTILE=1 gives everything that somebody else has named a name of 200 letters, from right to left, or of emoji.
// Ends with 1 where axe finds something, the policy is broken, or anything is asked of another server.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../../widget/dev/browser.mjs';
import { startStandIn } from './stand-in.mjs';

const folder = fileURLToPath(new URL('../../../build/look/dashboard', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wanted = process.argv.slice(2);
const desktop = { width: 1280, height: 800 };
const wide = { width: 1720, height: 1000 };
const phone = { width: 390, height: 844 };
const variants = [
  { name: 'phone', viewport: phone, colorScheme: 'light', hasTouch: true },
  { name: 'desktop', viewport: desktop, colorScheme: 'light' },
  { name: 'phone-dark', viewport: phone, colorScheme: 'dark', hasTouch: true },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark' },
  { name: 'wide', viewport: wide, colorScheme: 'light' },
].filter(({ name }) => !process.env.ONLY || process.env.ONLY.split(',').includes(name));

const parts = await Promise.all(readdirSync(new URL('pages/', import.meta.url)).map((name) => import(`./pages/${name}`)));
const pages = parts.flatMap((part) => part.pages);
const answers = Object.assign({}, ...parts.map((part) => part.answers));

const words = ['W'.repeat(200), 'محمد بن عبد الله الخوارزمي، بيت الحكمة في بغداد، ١٢٣٤', '👩‍👩‍👧‍👦'.repeat(30), `<img src=x onerror=alert(1)> ${'mm '.repeat(60)}`, `${'x'.repeat(64)}@${'y'.repeat(63)}.example`];
let turn = 0;
/** An answer in which what is free text is text at its worst; ids and names that paths are made of stay. */
const atItsWorst = (value, key = '') => {
  if (Array.isArray(value)) return value.map((one) => atItsWorst(one, key));
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, atItsWorst(one, name)]));
  return typeof value === 'string' && /^(title|email|subject|visitorName|visitorSubject|visitorEmail|userAgent|client|label|text|description|greeting|suggestions|triggers|detail|fallback)$/.test(key) ? words[turn++ % words.length] : value;
};
const told = (one) => {
  const table = { ...answers, ...one.answers };
  if (!process.env.HOSTILE) return table;
  return Object.fromEntries(Object.entries(table).map(([path, answer]) => [path, typeof answer === 'function' ? (...given) => atItsWorst(answer(...given)) : atItsWorst(answer)]));
};

mkdirSync(folder, { recursive: true });
const standIn = await startStandIn();
const browser = await launchBrowser();
let problems = 0;

async function look(one, variant) {
  const context = await browser.newContext({ ...variant, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce', deviceScaleFactor: 1 });
  const page = await context.newPage();
  const tell = (text) => (problems++, console.log(`${one.name} ${variant.name}: ${text}`));
  page.on('pageerror', (error) => tell(`error: ${error.message}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/status of \d\d\d/.test(message.text()) && tell(message.text()));
  page.on('request', (request) => !request.url().startsWith(standIn.url) && !/^(data|blob):/.test(request.url()) && tell(`asks ${request.url()}`));
  await standIn.answer(context, told(one), tell);
  try {
    await page.addInitScript((environment) => environment && localStorage.setItem('chatelaine.environment', environment), one.environment ?? null);
    await page.goto(standIn.url + one.path);
    await page.locator('#page-title').waitFor();
    await page.waitForLoadState('networkidle');
    await one.act?.(page);
    await page.waitForTimeout(200);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > variant.viewport.width) tell(`is ${width} px wide`);
    await page.screenshot({ path: `${folder}/${one.name}.${variant.name}.png`, fullPage: one.isFullPage ?? !one.act });
    if (variant.viewport === phone) {
      // As narrow as a page must still fit (WCAG 1.4.10).
      await page.setViewportSize({ width: 320, height: 640 });
      await page.waitForTimeout(150);
      const narrow = await page.evaluate(() => document.documentElement.scrollWidth);
      if (narrow > 320) tell(`is ${narrow} px wide at 320 px`);
    }
    await page.evaluate(`${axeSource}; undefined`);
    const { violations } = await page.evaluate(() => window.axe.run(document, { rules: { 'target-size': { enabled: true } } }));
    for (const { id, help, nodes } of violations) tell(`axe ${id}: ${help} (${nodes.map((node) => `${node.target.flat().join(' ')}${node.any[0]?.data?.contrastRatio ? ` ${node.any[0].data.contrastRatio}` : ''}`).join('; ')})`);
  } catch (error) {
    tell(String(error.message).split('\n').slice(0, 3).join(' '));
    await page.screenshot({ path: `${folder}/${one.name}.${variant.name}.png` }).catch(() => {});
  }
  await context.close();
}

for (const one of pages.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word))))
  for (const variant of variants) await look(one, variant);

await browser.close();
standIn.close();
console.log(problems === 0 ? 'axe-core, the console and the policy have nothing to say.' : `${problems} findings`);
process.exitCode = problems === 0 ? 0 : 1;
