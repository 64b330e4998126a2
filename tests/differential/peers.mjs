// SPDX-License-Identifier: Apache-2.0
// The three who judge: ours (the command line, by the very functions of the server), npm `jose`, Debian's PyJWT. Each gets a setting
// and its tokens, and gives a list of { accepted, sub, why }.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { now } from './generate.mjs';
import { keys } from './keys.mjs';

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT

/** Lines in, lines out. */
function throughProgram(program, args, input, okay) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, errors] = [[], []];
    child.stdout.on('data', (piece) => out.push(piece));
    child.stderr.on('data', (piece) => errors.push(piece));
    child.on('error', failed);
    child.on('close', (status) => {
      const said = Buffer.concat(errors).toString();
      if (!okay.includes(status) || said) failed(new Error(`${program} ended with ${status}: ${said}`));
      else done(Buffer.concat(out).toString().split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    });
    child.stdin.on('error', () => {}); // it may have ended: its status says why
    child.stdin.end(input);
  });
}

export async function judgeByChatelaine(binary, setting, tokens, present = now) {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-differential-'));
  const file = join(directory, 'keys');
  try {
    writeFileSync(file, setting.secret ? keys[setting.secret].jwk.k : JSON.stringify(setting.jwks));
    const args = ['token', 'verify', '--lines', '--now', String(present), '--leeway', String(setting.leeway), '--algorithms', setting.algorithms.join(','),
      ...(setting.secret ? ['--secret-file', file, '--secret-base64url'] : ['--jwks', file]),
      ...(setting.issuer ? ['--issuer', setting.issuer] : []), ...setting.audiences.flatMap((one) => ['--audience', one])];
    const answers = await throughProgram(binary, args, tokens.map((token) => `${token}\n`).join(''), [0, 1]);
    return answers.map((answer) => ({ accepted: answer.verified, sub: answer.identity?.sub, user: answer.identity, why: answer.detail, message: answer.message }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export async function judgeByJose(setting, tokens) {
  const key = setting.secret ? new Uint8Array(keys[setting.secret].secret) : createLocalJWKSet(setting.jwks);
  const options = { algorithms: setting.algorithms, clockTolerance: setting.leeway, currentDate: new Date(now * 1000), requiredClaims: ['exp', 'sub'],
    ...(setting.issuer && { issuer: setting.issuer }), ...(setting.audiences.length > 0 && { audience: setting.audiences }) };
  const verdicts = [];
  for (const token of tokens) {
    verdicts.push(await jwtVerify(token, key, options).then(
      ({ payload }) => ({ accepted: true, sub: payload.sub, payload }),
      (error) => ({ accepted: false, why: error.code ?? error.name, message: error.message })));
  }
  return verdicts;
}

export function judgeByPyJwt(setting, tokens) {
  const told = { now, jwks: setting.jwks ?? null, secret: setting.secret ? keys[setting.secret].secret.toString('hex') : null, algorithms: setting.algorithms, issuer: setting.issuer,
    audiences: setting.audiences, leeway: setting.leeway };
  const lines = [told, ...tokens].map((one) => `${JSON.stringify(one)}\n`).join('');
  return throughProgram(python, [fileURLToPath(new URL('pyjwt.py', import.meta.url))], lines, [0]);
}
