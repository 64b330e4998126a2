// SPDX-License-Identifier: Apache-2.0
// The example app beside a server: Acme signs people in, mints their tokens and answers the tools.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoEnvironment } from '../../../scripts/demo-environment.mjs';
import { freePort, startServer } from './server.mjs';

const acmeProgram = fileURLToPath(new URL('../../../examples/acme-bank/server.mjs', import.meta.url));
export const passwords = { ada: 'analytical-engine', bob: 'blue-bicycle' };

async function untilListening(child) {
  let said = '';
  for await (const text of child.stdout) if ((said += text).includes('listening on')) return;
  throw new Error(`Acme did not start: ${said}`);
}

/** { server, acmeUrl, token(login), rotate(dropOld), signingSecret }. `keys`: null (shared secret), 'jwks' or 'certificates';
 *  `change(document)` may alter the environment's document first. */
export async function startBank(t, { keys = null, algorithm = 'RS256', tokenSeconds = 300, change = () => {}, ...options } = {}) {
  const port = await freePort();
  const acmeUrl = `http://127.0.0.1:${port}`;
  const document = demoEnvironment({ acmeUrl, keys, algorithm });
  change(document);
  const bank = { acmeUrl, document };
  bank.server = await startServer(t, {
    document, ...options,
    async prepare(server) {
      bank.toolSecret = await server.newSecret('tools');
      writeFileSync(join(server.directory, 'tool-secret'), bank.toolSecret);
      if (keys) return;
      bank.signingSecret = await server.newSecret('acme');
      writeFileSync(join(server.directory, 'signing-secret'), bank.signingSecret);
    },
  });
  const file = (name) => join(bank.server.directory, name);
  const acme = spawn(process.execPath, [acmeProgram], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH, ACME_PORT: String(port), ACME_TOKEN_SECONDS: String(tokenSeconds),
      ACME_MODE: keys ? 'jwks' : 'hmac', ACME_ALG: algorithm, ACME_SECRET_FILE: keys ? '' : file('signing-secret'),
      ACME_TOOL_SECRET_FILE: file('tool-secret'), CHATELAINE_URL: bank.server.url,
      CHATELAINE_PRODUCT: bank.server.acme.product, CHATELAINE_KEY: bank.server.acme.publishableKey,
    },
  });
  t.after(() => new Promise((done) => {
    acme.once('exit', done);
    acme.kill('SIGTERM');
  }));
  await untilListening(acme);

  bank.token = async (login) => {
    const signedIn = await fetch(`${acmeUrl}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ login, password: passwords[login] }) });
    const cookie = signedIn.headers.get('set-cookie').split(';')[0];
    return (await (await fetch(`${acmeUrl}/chat-token`, { method: 'POST', headers: { cookie } })).json()).token;
  };
  bank.rotate = (dropOld = false) => fetch(`${acmeUrl}/rotate-keys${dropOld ? '?drop-old' : ''}`, { method: 'POST' });
  return bank;
}
