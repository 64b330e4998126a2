// SPDX-License-Identifier: Apache-2.0
// Our server in a data directory of its own, with one environment for each algorithm.
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { audience, issuer, makeSecretMaterial } from './material.mjs';
import { freePort, Process } from './processes.mjs';

export const binary = process.env.CHATELAINE_BINARY ?? fileURLToPath(new URL('../../build/chatelaine', import.meta.url));
const product = 'bench';

async function command(...args) {
  const { stdout } = await promisify(execFile)(binary, [...args, '--json']);
  return stdout.trim() === '' ? null : JSON.parse(stdout);
}

function documentOf(issuerSettings) {
  return {
    config: {
      origins: ['https://acme.example'],
      signIn: {
        enforcement: 'optional', carryAnonymousConversation: true,
        issuers: [{ name: 'acme', issuer, audiences: [audience], permissionClaims: ['permissions'], ...issuerSettings }],
      },
      assistant: { kind: 'rules', greeting: 'Hello.', suggestions: [], fallback: 'I do not know that.' },
      limits: { visitorMessagesPerMinute: 0, messagesPerMinute: 0 }, // visitors here write faster than people
    },
    tools: [],
    knowledge: [{ id: 'hours', title: 'Business hours', triggers: ['business hours'], text: 'We are open **Monday to Friday, 9:00 to 17:00**.' }],
  };
}

/** The providers' key sets, each at an address of its own: { url(algorithm), stop() }. */
async function serveKeySets(material) {
  const server = createServer((request, response) => {
    const jwk = material[request.url.slice(1)]?.publicJwk;
    response.writeHead(jwk ? 200 : 404, { 'Content-Type': 'application/json' }).end(jwk && JSON.stringify({ keys: [jwk] }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return {
    url: (algorithm) => `http://127.0.0.1:${server.address().port}/${algorithm}`,
    stop: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  };
}

/** A data directory with an environment for each algorithm of `material`, and HS256, whose tokens are made here and added to
 *  `material`: { data, environments: { RS256: { product, key, secretKey }, … }, stop() }. */
export async function prepareData(place, material) {
  const data = join(place.out, 'data');
  rmSync(data, { recursive: true, force: true });
  await command('init', '--data', data);
  const keySets = await serveKeySets(material);
  const environments = {};
  for (const algorithm of [...Object.keys(material), 'HS256']) {
    const names = ['--data', data, '--product', product, '--environment', algorithm.toLowerCase()];
    const settings = algorithm === 'HS256' ? { mode: 'hmac' } : { mode: 'key-set', keySetUrl: keySets.url(algorithm), algorithms: [algorithm] };
    const file = join(place.out, `environment-${algorithm}.json`);
    writeFileSync(file, JSON.stringify(documentOf(settings)));
    const applied = await command('environment', 'apply', ...names, '-f', file);
    const { key } = await command('key', 'issue', '--secret', ...names);
    environments[algorithm] = { product: applied.product, key: applied.publishableKey, secretKey: key };
    if (algorithm === 'HS256') {
      const { secret } = await command('secret', 'generate', ...names, '--issuer', 'acme');
      material.HS256 = await makeSecretMaterial(place.tokens, secret);
    }
  }
  return { data, environments, stop: keySets.stop };
}

/** One more environment, with this issuer: { product, key, secretKey }. */
export async function applyEnvironment(place, prepared, name, settings) {
  const names = ['--data', prepared.data, '--product', product, '--environment', name];
  const file = join(place.out, `environment-${name}.json`);
  writeFileSync(file, JSON.stringify(documentOf(settings)));
  const applied = await command('environment', 'apply', ...names, '-f', file);
  const { key } = await command('key', 'issue', '--secret', ...names);
  return { product: applied.product, key: applied.publishableKey, secretKey: key };
}

/** `chatelaine serve` with one front thread, pinned like every contender, unless it is said otherwise. */
export async function startChatelaine(place, prepared, { name = 'chatelaine', threads = 1, cores = place.cores.server, args: more = [] } = {}) {
  const port = await freePort();
  const args = ['serve', '--data', prepared.data, '--listen', `127.0.0.1:${port}`, '--threads', String(threads), '--allow-private-egress', ...more];
  const process = new Process(cores, binary, args, join(place.out, `${name}.log`));
  const contender = { name, url: `http://127.0.0.1:${port}`, port, process };
  await process.listening(port);
  return contender;
}

/** One of the counters that /metrics tells. */
export async function readMetric(contender, name) {
  const text = await (await fetch(`${contender.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]);
}
