// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { countdown } from '../../src/pages/sign-in/durations';
import { applyFix, fetchesKeys, freeName, listOf, problemOfKeySetUrl, problemOfName, readKeys, tidy, type Issuer } from '../../src/pages/sign-in/issuer';
import { mappingOf, nameFor, newRow, pathsOf, problemOfRow, problemOfRows, proposeRows, readMapping, rowsOf, sampleClaims } from '../../src/pages/sign-in/mapping';
import { claimsOf, tokenIn } from '../../src/pages/sign-in/paste';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'HS256' })}.${part({ sub: 'ada', name: 'Løvelace' })}.c2ln`;

describe('what was pasted', () => {
  it.each([
    ['bare', token],
    ['a header', `Authorization: Bearer ${token}`],
    ['a header’s value', `bearer ${token}`],
    ['quotes and a comma', `"${token}",`],
    ['a JSON member', `{"token": "${token}"}`],
    ['a cookie', `session=${token}; Path=/`],
    ['a URL’s fragment', `https://app.example/#id_token=${token}&state=1`],
    ['space around', `\n  ${token}\n`],
    ['wrapped by a terminal', `${token.slice(0, 20)}\n${token.slice(20)}`],
  ])('%s', (_, pasted) => expect(tokenIn(pasted)).toBe(token));

  it('leaves alone what is no token, so that the server says what is wrong with it', () => {
    expect(tokenIn('  not a token ')).toBe('not a token');
    expect(tokenIn('a.b.c')).toBe('a.b.c');
    expect(tokenIn('')).toBe('');
    expect(tokenIn('Bearer ')).toBe('');
  });
  it('reads the claims, and nothing of what is no object', () => {
    expect(claimsOf(token)).toEqual({ sub: 'ada', name: 'Løvelace' });
    for (const odd of ['', 'x', `x.${part([1])}.`, `x.${part(null)}.`, 'x.%.', `x.${Buffer.from('{"a":"\xff"', 'latin1').toString('base64url')}.`]) expect(claimsOf(odd)).toBeNull();
  });
});

describe('an issuer’s keys', () => {
  it.each<[boolean, string, Partial<Issuer>]>([
    [true, 'of an address', { mode: 'key-set', keySetUrl: 'https://id.example/keys' }],
    [true, 'of a provider', { provider: { id: 'auth0', fields: {} } }],
    [false, 'pasted', { mode: 'key-set', keys: { keys: [] } }],
    [false, 'a shared secret', { mode: 'hmac' }],
  ])('are to be fetched: %s (%s)', (expected, _, issuer) => expect(fetchesKeys({ name: 'a', ...issuer } as Issuer)).toBe(expected));
});

describe('a claim mapping as rows', () => {
  it('goes there and back', () => {
    const mapping = { tier: 'https://acme.example/tier', plan: 'account.plan', team: '/groups/0' };
    expect(mappingOf(rowsOf(mapping))).toEqual(mapping);
    expect(rowsOf(null)).toEqual([]);
    expect(mappingOf([newRow(' tier ', ' level '), newRow()])).toEqual({ tier: 'level' });
  });
  it('says what is wrong with a row', () => {
    const rows = [newRow('tier', 'level'), newRow('tier', 'plan'), newRow('', 'x'), newRow('y', ''), newRow()];
    expect(rows.map((row) => problemOfRow(rows, row))).toEqual(['“tier” stands here twice.', '“tier” stands here twice.', 'Say what tools shall call it.', 'Say which claim it comes from.', null]);
    expect(problemOfRows([newRow('a', 'b')])).toBeNull();
    expect(problemOfRows(Array.from({ length: 65 }, (_, at) => newRow(`n${at}`, 'x')))).toMatch(/64/);
  });
  it('reads the JSON form, and says why not', () => {
    expect(readMapping('{"a": "b"}')).toEqual({ mapping: { a: 'b' }, problem: null });
    expect(readMapping('  ')).toEqual({ mapping: null, problem: null });
    expect(readMapping('{"a": }').problem).toMatch(/not JSON/);
    expect(readMapping('[1]').problem).toMatch(/JSON object/);
    expect(readMapping('{"a": 1}').problem).toMatch(/“a”/);
  });
  it('offers the paths into nested claims, as the server reads them', () => {
    expect(pathsOf(sampleClaims)).toEqual(expect.arrayContaining(['sub', 'https://acme.example/tier', 'account', 'account.plan', '/groups/0']));
    expect(pathsOf({ 'a.b': { c: 1 }, d: { 'e/f': { '~': 1 } } })).toEqual(['a.b', '/a.b/c', 'd', '/d/e~1f', '/d/e~1f/~0']);
  });
  it('proposes names a program can use, each once', () => {
    expect(nameFor('https://acme.example/account_id')).toBe('accountId');
    expect(nameFor('cognito:groups')).toBe('groups');
    expect(nameFor('2fa')).toBe('claim2fa');
    expect(nameFor('…')).toBe('claim');
    expect(mappingOf(proposeRows({ ...sampleClaims, 'https://other.example/tier': 1 }))).toEqual({
      name: 'name', email: 'email', tier: 'https://acme.example/tier', account: 'account', groups: 'groups', tier2: 'https://other.example/tier',
    });
  });
});

describe('an issuer’s settings', () => {
  const issuer: Issuer = { name: 'login', mode: 'key-set', keySetUrl: 'https://id.example/jwks.json', audiences: ['chat'] };

  it('names', () => {
    expect(problemOfName('shop-2.eu_x', [])).toBeNull();
    expect(problemOfName('', [])).toMatch(/name/);
    expect(problemOfName('zwei wörter', [])).toMatch(/Letters/);
    expect(problemOfName('shop', ['shop'])).toMatch(/another issuer/);
    expect(freeName('login', ['login', 'login-2'])).toBe('login-3');
  });
  it('key-set addresses', () => {
    expect(problemOfKeySetUrl('https://id.example/jwks.json')).toBeNull();
    expect(problemOfKeySetUrl('')).toBeNull();
    expect(problemOfKeySetUrl('id.example/jwks.json')).toMatch(/whole address/);
    expect(problemOfKeySetUrl('ftp://id.example/')).toMatch(/https/);
    expect(problemOfKeySetUrl('https://a:b@id.example/')).toMatch(/public/);
  });
  it('pasted keys: sets, one key, certificates; never a private one', () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'x' };
    expect(readKeys(JSON.stringify({ keys: [key] })).keys).toEqual({ keys: [key] });
    expect(readKeys(JSON.stringify(key)).keys).toEqual({ keys: [key] });
    expect(readKeys('{"k1": "-----BEGIN CERTIFICATE-----"}').keys).not.toBeNull();
    expect(readKeys(JSON.stringify({ keys: [{ ...key, d: 'secret' }] }))).toEqual({ keys: null, problem: expect.stringMatching(/private/) });
    expect(readKeys(JSON.stringify({ kty: 'oct', k: 'secret' })).keys).toBeNull();
    expect(readKeys('{}').problem).toMatch(/Neither/);
    expect(readKeys('[').problem).toMatch(/not JSON/);
    expect(readKeys('').problem).toBeNull();
  });
  it('leaves out what says nothing', () => {
    expect(tidy({ ...issuer, issuer: '', audiences: [], mapping: {}, types: undefined as never })).toEqual({ name: 'login', mode: 'key-set', keySetUrl: issuer.keySetUrl });
    expect(tidy({ ...issuer, mode: 'hmac', keys: {} })).toEqual({ name: 'login', mode: 'hmac', audiences: ['chat'] });
    expect(tidy({ ...issuer, leewaySeconds: 0 }).leewaySeconds).toBe(0);
    expect(listOf('chat\n shop ,chat,\n')).toEqual(['chat', 'shop']);
  });
  it('takes a proposed fix: into a list it is added, else it replaces', () => {
    const settings = { enforcement: 'optional', issuers: [issuer] };
    expect(applyFix(settings, '/issuers/0/audiences', 'shop')?.issuers[0]?.audiences).toEqual(['chat', 'shop']);
    expect(applyFix(settings, '/issuers/0/audiences', 'chat')?.issuers[0]?.audiences).toEqual(['chat']);
    expect(applyFix(settings, '/issuers/0/issuer', 'https://x/')?.issuers[0]?.issuer).toBe('https://x/');
    expect(applyFix(settings, '/issuers/0/types', 'at+jwt')?.issuers[0]?.types).toEqual(['at+jwt']);
    expect(applyFix(settings, '/issuers/7/issuer', 'x')).toBeUndefined();
    expect(applyFix(settings, '', 'x')).toBeUndefined();
    expect(settings.issuers[0]?.audiences).toEqual(['chat']);
  });
});

describe('spans of time', () => {
  it.each([[0, '0:00'], [900, '0:01'], [249_000, '4:09'], [86_347_000, '23:59:07'], [90_061_000, '1 d 1:01:01'], [-1, '0:00']])('%d ms', (milliseconds, face) => expect(countdown(milliseconds)).toBe(face));
});
