// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Secret } from '../../src/pages/sign-in/data';
import { hrefOf, issuerLink } from '../../src/pages/sign-in/places';
import { keepProgress, nothingDone, readProgress, statesOf } from '../../src/pages/sign-in/progress';
import { consequencesOf, isInUse, secretsOfIssuer } from '../../src/pages/sign-in/secrets';
import { originIn } from '../../src/pages/sign-in/PageChecklist';

const storage = (kept: string | null) => ({ getItem: () => kept });

describe('how far the setup has come', () => {
  it('is kept and read again, an environment for itself', () => {
    const kept = new Map<string, string>();
    const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    const progress = { answers: { source: 'own', keys: 'no', browser: 'page' } as const, isBegun: true, issuer: 'app', isVerified: true };
    keepProgress('env_1', progress, store);
    expect(readProgress('env_1', store)).toEqual(progress);
    expect(readProgress('env_2', store)).toEqual(nothingDone);
  });
  it.each([null, 'null', '1', '"x"', '{', '{"answers": 1}', '{"answers": {"source": "nobody", "keys": 7}}'])('begins anew from %s', (kept) => {
    expect(readProgress('env_1', storage(kept))).toEqual(nothingDone);
  });
  it('says which step is next', () => {
    expect(statesOf([true, false, false])).toEqual(['done', 'now', 'later']);
    expect(statesOf([false, true, false])).toEqual(['now', 'done', 'later']);
    expect(statesOf([true, true])).toEqual(['done', 'done']);
  });
});

describe('ending a secret', () => {
  const secret = (id: string, state: Secret['state'], more: Partial<Secret> = {}) => ({ id, purpose: 'visitor-signing', name: 'app', state, ...more }) as Secret;

  it('looks at the issuer’s own alone', () => {
    expect(secretsOfIssuer([secret('1', 'usable'), secret('2', 'usable', { name: 'other' }), secret('3', 'usable', { purpose: 'tool-signing' })], 'app').map((one) => one.id)).toEqual(['1']);
    expect([...'ab'].map((_, at) => isInUse(secret('x', (['ended', 'killed'] as const)[at]!)))).toEqual([false, false]);
  });
  it('says whom it hits: nobody can sign in, or those of this secret alone', () => {
    const one = secret('1', 'usable');
    expect(consequencesOf(one, [one])[1]).toMatch(/no other secret/);
    expect(consequencesOf(one, [one, secret('2', 'ending')])[1]).toMatch(/about to end/);
    expect(consequencesOf(one, [one, secret('2', 'killed')])[1]).toMatch(/no other secret/);
    expect(consequencesOf(secret('2', 'ending'), [one, secret('2', 'ending')])[1]).toMatch(/stay good/);
  });
});

describe('where things are', () => {
  it('leads to an issuer’s setting by the pointer of a fix', () => {
    expect(hrefOf('env_1', issuerLink('login', '/issuers/3/audiences'))).toBe('/e/env_1/sign-in/login#audiences');
    expect(hrefOf('env_1', issuerLink('a b', '/issuers/0/provider/fields/clientId'))).toBe('/e/env_1/sign-in/a%20b#clientId');
    expect(hrefOf('env_1', issuerLink('login'))).toBe('/e/env_1/sign-in/login');
    expect(hrefOf('env_1', { to: 'identity-federation', issuer: 'app' })).toBe('/e/env_1/identity-federation#app');
    expect(hrefOf('env_1', { to: 'federation', provider: 'auth0' })).toBe('/e/env_1/federation/auth0');
  });
  it('takes an origin from whatever address was pasted', () => {
    expect(originIn('https://Shop.example/cart?x=1')).toBe('https://shop.example');
    expect(originIn('shop.example')).toBe('https://shop.example');
    expect(originIn('http://localhost:3000/')).toBe('http://localhost:3000');
    for (const odd of ['', 'javascript://x', '::', 'https://']) expect(originIn(odd)).toBeNull();
  });
});
