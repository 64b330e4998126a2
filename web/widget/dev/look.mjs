// SPDX-License-Identifier: Apache-2.0
// `npm run look [-- state …]`: a picture of every state at phone and desktop width, light and dark, in build/look, and
// axe-core's opinion of each. Ends with 1 where axe finds something.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.mjs';
import { startDevServer } from './server.mjs';
import { desktop, phone, states } from './states.mjs';

const folder = fileURLToPath(new URL('../../../build/look', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wanted = process.argv.slice(2);
const variants = [
  { name: 'phone', viewport: phone, colorScheme: 'light' },
  { name: 'desktop', viewport: desktop, colorScheme: 'light' },
  { name: 'phone-dark', viewport: phone, colorScheme: 'dark' },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark' },
];

mkdirSync(folder, { recursive: true });
const server = await startDevServer();
const browser = await launchBrowser();
let problems = 0;

async function look(state, variant) {
  const context = await browser.newContext({ viewport: state.viewport ?? variant.viewport, colorScheme: variant.colorScheme, reducedMotion: state.moves ? 'no-preference' : 'reduce' });
  const page = await context.newPage();
  const tell = (text) => (problems++, console.log(`${state.name} ${variant.name}: ${text}`));
  page.on('pageerror', (error) => tell(`error: ${error.message}`));
  page.on('console', (message) => /Content Security Policy|TrustedHTML|Refused to/.test(message.text()) && tell(message.text()));
  try {
    await state.prepare?.(page, context);
    await page.goto(server.url + (state.query ?? ''));
    await state.act(page, { context, fake: server.fake });
    await page.screenshot({ path: `${folder}/${state.name}.${variant.name}.png` });
    await page.evaluate(`${axeSource}; undefined`);
    const { violations } = await page.evaluate(() => window.axe.run({ include: [['chatelaine-chat']] }));
    for (const { id, help, nodes } of violations) tell(`axe ${id}: ${help} (${nodes.map((node) => node.target.flat().join(' ')).join('; ')})`);
  } catch (error) {
    tell(String(error.message).split('\n')[0]);
    await page.screenshot({ path: `${folder}/${state.name}.${variant.name}.png` });
  }
  await context.close();
}

for (const state of states.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
  for (const variant of variants.filter(({ name }) => !process.env.ONLY || process.env.ONLY.split(',').includes(name))) await look(state, variant);

await browser.close();
server.close();
console.log(problems === 0 ? 'axe-core and the policy found nothing.' : `${problems} findings`);
process.exitCode = problems === 0 ? 0 : 1;
