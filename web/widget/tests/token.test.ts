// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { needsRenewal, newId, readToken, sameSubject, tokenExpiry } from '../src/session/token';
import { makeToken } from './helpers';

const now = 1_763_721_000;

describe('the end of a token', () => {
  it('is its exp', () => expect(tokenExpiry(makeToken({ exp: now }))).toBe(now));
  it('is read through base64url and names beyond ASCII', () => expect(tokenExpiry(makeToken({ name: '??>>ÿÿ', exp: now }))).toBe(now));
  it.each(['', 'opaque', 'a.b.c', 'a..c', makeToken({}), makeToken({ exp: 'soon' }), `a.${btoa('null')}.c`, `a.${btoa('7')}.c`])(
    'is unknown for %s',
    (token) => expect(tokenExpiry(token)).toBeUndefined(),
  );
});

describe('renewal before a message', () => {
  it.each([
    [301, false],
    [300, true],
    [1, true],
    [0, true],
    [-60, true],
  ])('with %i seconds left: %s', (left, expected) => expect(needsRenewal(makeToken({ exp: now + left }), now * 1000)).toBe(expected));
  it('is not asked for when the end is unknown', () => expect(needsRenewal('opaque', now * 1000)).toBe(false));
});

describe('what identify takes', () => {
  it.each([
    ['abc', 'abc'],
    [{ token: 'abc' }, 'abc'],
    [null, null],
    [undefined, null],
    ['', null],
    [{ token: null }, null],
    [{}, null],
    [7, undefined],
    [{ token: 7 }, undefined],
  ])('%j is read as %j', (value, expected) => expect(readToken(value)).toBe(expected));
});

it('tells a renewal from another person', () => {
  expect(sameSubject(makeToken({ sub: 'ada', exp: 1 }), makeToken({ sub: 'ada', exp: 2 }))).toBe(true);
  expect(sameSubject(makeToken({ sub: 'ada' }), makeToken({ sub: 'bob' }))).toBe(false);
  expect(sameSubject('opaque', 'opaque')).toBe(false);
});

it('makes ids of at most 64 characters that differ', () => {
  const ids = new Set(Array.from({ length: 1000 }, newId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
