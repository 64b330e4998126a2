// SPDX-License-Identifier: Apache-2.0
// Thousands of tokens, most of them broken in some way, judged by us, by npm `jose` and by Debian's PyJWT: tests/differential/README.md.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { conditions } from '../differential/conditions.mjs';
import { compare, table, weigh } from '../differential/differential.mjs';
import { generate, now } from '../differential/generate.mjs';
import { keys, settings, signature } from '../differential/keys.mjs';
import { judgeByChatelaine, judgeByJose, judgeByPyJwt } from '../differential/peers.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { binary, startServer } from './lib/server.mjs';

const count = 10_000;
/** A run of the tests is the same each time; DIFFERENTIAL_SEED, and tests/differential/ as `make fuzz` runs it, judge what nobody has seen before. */
const seed = process.env.DIFFERENTIAL_SEED ?? 'another';
/** As it is written: JavaScript tells -0 from 0. */
const written = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

async function judged(t, seed) {
  const result = await compare({ seed, count, binary });
  t.diagnostic(`seed ${seed}: ${result.accepted} accepted, ${result.refused} refused, ${result.met.size} rows met`);
  assert.equal(result.tokens, count);
  assert.ok(result.accepted > count / 10 && result.refused > count / 2, `${result.accepted} accepted, ${result.refused} refused`);
  assert.deepEqual(result.unexplained.slice(0, 5), [], `seed ${seed}: ${result.unexplained.length} disagreements that no row explains`);
  return result;
}

describe('beside jose and PyJWT', () => {
  test('the table of disagreements is in order', () => {
    assert.equal(new Set(table.map((row) => row.id)).size, table.length, 'an id twice');
    for (const row of table) {
      assert.ok(['jose', 'PyJWT'].includes(row.peer) && ['accept', 'refuse'].includes(row.ours) && row.why.length > 30, row.id);
      assert.ok((row.ours === 'refuse' ? row.details : row.theirs).length > 0, row.id);
      for (const name of row.when) assert.equal(typeof conditions[name], 'function', `${row.id}: ${name}`);
    }
  });

  test(`${count} tokens that are always the same: no disagreement that is not explained, and no explanation that is not needed`, async (t) => {
    const { met } = await judged(t, 'the same every time');
    assert.deepEqual(table.map((row) => row.id).filter((id) => !met.has(id)), [], 'rows that no token meets');
  });

  test(`${count} tokens of a seed that may be chosen`, async (t) => {
    await judged(t, seed);
  });

  test('a running server says what the command line says, the first time and when it remembers', async (t) => {
    const wanted = settings.filter((one) => one.jwks);
    const backendKeys = {};
    const server = await startServer(t, {
      document: environmentDocument(),
      prepare: async (one) => {
        for (const { name, jwks, issuer, audiences, algorithms, leeway } of wanted) {
          const published = { keys: jwks.keys.filter((key) => key.kty !== 'oct') }; // which the settings refuse
          await one.apply(environmentDocument({ issuers: [keySetIssuer(undefined, { keys: published, issuer, audiences, algorithms, leewaySeconds: leeway, permissionClaims: undefined })] }), { environment: name });
          backendKeys[name] = await one.newSecretKey({ environment: name });
        }
      },
    });
    const present = Math.floor(Date.now() / 1000);
    t.diagnostic(`seed ${seed}`);
    const all = [...generate(seed, 2000, present)].filter((one) => !one.token.includes('\0') && one.token.isWellFormed());
    let judgedByServer = 0;
    for (const setting of wanted) {
      const tokens = all.filter((one) => one.setting === setting.name).map((one) => one.token);
      // Where a minute more or less decides, the two need not have asked at the same moment.
      const [ours, before, after] = await Promise.all([present, present - 1, present + 60].map((when) => judgeByChatelaine(binary, setting, tokens, when)));
      for (const [i, token] of tokens.entries()) {
        if (ours[i].why !== before[i].why || ours[i].why !== after[i].why) continue;
        for (let again = 0; again < 2; again++) {
          const response = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${backendKeys[setting.name]}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
          const said = await response.json();
          assert.equal(response.status, 200, JSON.stringify(said));
          assert.deepEqual([said.verified ?? false, said.detail, written(said.identity)], [ours[i].accepted, ours[i].why, written(ours[i].user)], `seed ${seed}, ${setting.name}: ${token}`);
        }
        judgedByServer++;
      }
    }
    assert.ok(judgedByServer > 700, `${judgedByServer} tokens`);
  });

  test('a wrong verdict would be found', async () => {
    const setting = settings.find((one) => one.name === 'keys-strict');
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'ES256', kid: 'p256' })}.${part({ sub: 'ada', iss: setting.issuer, aud: 'chat', exp: now + 60 })}`;
    const good = `${input}.${signature(keys.p256, 'ES256', Buffer.from(input)).toString('base64url')}`;
    const forged = `${input}.${signature(keys.p384, 'ES384', Buffer.from(input)).subarray(0, 64).toString('base64url')}`;
    const ours = await judgeByChatelaine(binary, setting, [good, forged]);
    assert.deepEqual(ours.map((one) => one.accepted), [true, false]);
    for (const [peer, theirs] of [['jose', await judgeByJose(setting, [good, forged])], ['PyJWT', await judgeByPyJwt(setting, [good, forged])]]) {
      assert.equal(weigh(peer, ours[0], theirs[0], good, setting), 'agree');
      assert.equal(weigh(peer, ours[1], theirs[1], forged, setting), 'agree');
      assert.equal(weigh(peer, { ...ours[0], sub: 'bob' }, theirs[0], good, setting), 'unexplained');
      assert.equal(weigh(peer, { accepted: false, why: 'malformed' }, theirs[0], good, setting), 'unexplained');
      assert.equal(weigh(peer, { accepted: true, sub: 'ada', user: {} }, theirs[1], forged, setting), 'unexplained');
    }
  });
});
