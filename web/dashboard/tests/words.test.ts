// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceOf } from '../src/pages/access/device';
import { grantInWords, toGrants } from '../src/pages/access/grants';
import { fromBase64Url, passkeyProblem, toBase64Url } from '../src/pages/access/passkey';
import { readLimits, writeLimits } from '../src/pages/installation/limits';
import { fromDraft, toDraft } from '../src/pages/installation/single-sign-on';
import { differenceOf } from '../src/ui/difference';
import { jsonProblem, parseJson } from '../src/ui/json';
import { aloneAt, spread } from '../src/ui/step';
import { durationInWords, plural, timeInWords } from '../src/ui/time';

describe('moments', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    ['2026-03-01T11:59:56Z', 'now'], ['2026-03-01T11:57:00Z', '3 minutes ago'], ['2026-03-01T14:30:00Z', 'in 2 hours'], ['2026-02-28T11:00:00Z', 'yesterday'], ['2024-02-01T00:00:00Z', '2 years ago'],
  ])('%s is %s', (at, words) => expect(timeInWords(at, now)).toBe(words));
  it.each([[0, '0 seconds'], [59, '59 seconds'], [300, '5 minutes'], [5400, '1 hour 30 minutes'], [3603, '1 hour'], [90_061, '1 day 1 hour']])('%i s are %s', (seconds, words) => expect(durationInWords(seconds)).toBe(words));
  it('counts', () => expect([plural(1, 'key'), plural(0, 'key'), plural(1204, 'key')]).toEqual(['1 key', '0 keys', '1,204 keys']));
});

describe('differences', () => {
  it('are named by the smallest member', () => {
    expect(differenceOf({ a: 1, b: { c: [1, 2], d: 'x' } }, { a: 1, b: { c: [1, 3], d: 'x' }, 'e/f~': null })).toEqual([
      { pointer: '/b/c', before: [1, 2], after: [1, 3] },
      { pointer: '/e~1f~0', before: undefined, after: null },
    ]);
  });
  it('go into lists of objects', () => {
    expect(differenceOf([{ a: 1 }], [{ a: 2 }, { a: 3 }])).toEqual([{ pointer: '/0/a', before: 1, after: 2 }, { pointer: '/1', before: undefined, after: { a: 3 } }]);
  });
  it('are none between equals', () => expect(differenceOf({ a: [] }, { a: [] })).toEqual([]));
});

describe('JSON as text', () => {
  it('is parsed, or undefined', () => expect([parseJson('[1]'), parseJson('[1')]).toEqual([[1], undefined]));
  it('says where it breaks', () => {
    expect(jsonProblem('{"a": 1}')).toBeNull();
    expect(jsonProblem('{\n "a": tru\n}')).toMatchObject({ line: 2 });
    expect(jsonProblem('{"a": 1')).toMatchObject({ line: 1, message: 'The text ends before the JSON does.' });
  });
});

describe('labels at the ends of lines', () => {
  it('stay where they are when there is room', () => expect(spread([10, 60, 100], 16, 0, 200)).toEqual([10, 60, 100]));
  it('give way, in the order of their lines', () => {
    const placed = spread([100, 98, 99], 16, 0, 200);
    expect([...placed].sort((one, other) => one - other)).toEqual([placed[1], placed[2], placed[0]]);
    expect(Math.abs(placed[0]! - placed[2]!)).toBeGreaterThanOrEqual(16);
  });
  it('stay inside', () => expect(spread([199, 200, 201], 16, 0, 200).every((y) => y >= 0 && y <= 200)).toBe(true));
});

describe('an administrator', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0', 'Edge on Windows'],
    ['curl/8.0', 'Unknown browser'], [null, 'Unknown device'],
  ])('signs in from %s: %s', (userAgent, words) => expect(deviceOf(userAgent)).toBe(words));
  it('has roles in words, and sends them without names', () => {
    const grants = [{ role: 'owner' as const, product: 'prod_1', productName: 'x' }, { role: 'viewer' as const, product: null, productName: null }];
    expect(grants.map(grantInWords)).toEqual(['owner', 'viewer of all products']);
    expect(toGrants(grants)).toEqual([{ role: 'owner', product: null }, { role: 'viewer', product: null }]);
  });
});

describe('passkeys', () => {
  it('go to and fro as base64url', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect([...fromBase64Url(toBase64Url(bytes.buffer))]).toEqual([...bytes]);
    expect(toBase64Url(Uint8Array.of(251, 255).buffer)).toBe('-_8');
  });
  it('say nothing where the person closed the window', () => {
    expect(passkeyProblem(new DOMException('', 'NotAllowedError'))).toBeNull();
    expect(passkeyProblem(new DOMException('', 'SecurityError'))).toContain('https');
  });
});

describe('settings', () => {
  it('of limits: empty is the preset and is not sent, 0 is sent', () => {
    const texts = readLimits({ messageCharacters: 2000, requestsPerSecond: 0 });
    expect(texts).toMatchObject({ messageCharacters: '2000', messagesPerMinute: '', requestsPerSecond: '0' });
    expect(writeLimits(texts)).toEqual({ messageCharacters: 2000, requestsPerSecond: 0 });
  });
  it('of single sign-on: the secret that is kept is not sent, values may hold an equals sign', () => {
    const form = { ...toDraft(null), issuer: ' https://login.acme.example ', clientId: 'c', label: 'SSO', claim: 'groups', roles: ['a=b = admin'] };
    expect(fromDraft(form)).toEqual({ issuer: 'https://login.acme.example', clientId: 'c', label: 'SSO', emailDomains: [], defaultRole: null, roleMapping: { claim: 'groups', roles: { 'a=b': 'admin' } }, isPasswordOff: false });
  });
});

describe('a value without neighbours', () => {
  it('is found at either end and between gaps', () => expect(aloneAt([1, null, 0, null, 2, 3, null, 4])).toEqual([0, 2, 7]));
  it('is the only one there is', () => expect([aloneAt([5]), aloneAt([null, 5, null]), aloneAt([null]), aloneAt([])]).toEqual([[0], [1], [], []]));
  it('is none of a line', () => expect(aloneAt([1, 2, 3])).toEqual([]));
});
