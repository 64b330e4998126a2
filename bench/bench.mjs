// SPDX-License-Identifier: Apache-2.0
// Measures the server beside others. See README.md; run it by `make bench` or bench/run.sh.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchAdminLists } from './lib/admin-lists.mjs';
import { benchChat } from './lib/chat.mjs';
import { prepareData } from './lib/chatelaine.mjs';
import { benchIdle } from './lib/idle.mjs';
import { benchLibrary } from './lib/library.mjs';
import { makeKeySetMaterial } from './lib/material.mjs';
import { chooseCores, pinSelf, stopAll } from './lib/processes.mjs';
import { benchService } from './lib/service.mjs';
import { benchSiege } from './lib/siege.mjs';
import { benchTiming } from './lib/timing.mjs';
import { benchStore } from './lib/store.mjs';
import { benchVerification } from './lib/verification.mjs';

const usage = `usage: bench/run.sh [OPTIONS] [verification] [service] [library] [chat] [timing] [store] [idle] [siege] [admin-lists]     (all when none is named)
  --quick         2 rounds of 1 second and few sessions: whether it works, not a measurement
  --rounds N      rounds (5)
  --seconds N     seconds of each case in a round (2)
  --only REGEXP   only the cases whose name matches, e.g. 'RS256 (floor|nginx|seen)'
  --realtime      of the chat: server and visitors run ahead of all else (chrt), for a machine that is not idle
  --sessions N    idle WebSocket sessions (2000)`;

function readOptions() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, realtime: { type: 'boolean' }, rounds: text, seconds: text, only: text, sessions: text, help: { type: 'boolean' } },
  });
  const unknown = positionals.find((part) => !['verification', 'service', 'library', 'chat', 'timing', 'store', 'idle', 'siege', 'admin-lists'].includes(part));
  if (values.help || unknown) {
    console.log(usage);
    process.exit(values.help ? 0 : 2);
  }
  const number = (name, whenQuick, otherwise) => Number(values[name] ?? (values.quick ? whenQuick : otherwise));
  return {
    quick: values.quick ?? false, realtime: values.realtime ?? false, parts: positionals.length > 0 ? positionals : ['verification', 'service', 'library', 'chat', 'timing', 'store', 'idle', 'siege', 'admin-lists'], only: new RegExp(values.only ?? ''),
    rounds: number('rounds', 2, 5), seconds: number('seconds', 1, 2), sessions: number('sessions', 200, 2000),
  };
}

async function run(options, place) {
  const material = await makeKeySetMaterial(place.tokens);
  const prepared = await prepareData(place, material);
  const report = { at: new Date().toISOString(), processor: cpus()[0].model, kernel: release(), cores: place.cores, options: { ...options, only: options.only.source } };
  try {
    if (options.parts.includes('verification')) report.verification = await benchVerification(place, material, prepared, options);
    await stopAll();
    if (options.parts.includes('library')) report.library = await benchLibrary(place, material, options);
    if (options.parts.includes('service')) report.service = await benchService(place, prepared, options);
    await stopAll();
    if (options.parts.includes('chat')) report.chat = await benchChat(place, material, prepared, options);
    await stopAll();
    if (options.parts.includes('timing')) report.timing = await benchTiming(place, options);
    if (options.parts.includes('store')) report.store = await benchStore(place, options);
    if (options.parts.includes('idle')) report.idle = await benchIdle(place, material, prepared, options);
    await stopAll();
    if (options.parts.includes('siege')) report.siege = await benchSiege(place, prepared, options);
    await stopAll();
    if (options.parts.includes('admin-lists')) report.adminLists = await benchAdminLists(place, options);
  } finally {
    await prepared.stop();
  }
  const file = join(place.out, `${report.at.replace(/[:.]/g, '-')}${options.quick ? '-quick' : ''}.json`);
  writeFileSync(file, JSON.stringify(report, null, 2));
  console.log(`\n${report.processor}, Linux ${report.kernel}, ${options.rounds} rounds of ${options.seconds} s. Every number: ${file}`);
}

const options = readOptions();
const out = fileURLToPath(new URL('../build/bench', import.meta.url));
const place = { out, tokens: join(out, 'tokens'), cores: chooseCores(), realtime: options.realtime };
mkdirSync(place.tokens, { recursive: true, mode: 0o700 });
await pinSelf(place.cores.load);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopAll().then(() => process.exit(1)));
try {
  await run(options, place);
} catch (error) {
  console.error(`\n${error.stack}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
