// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { browserOf, erasureName, nameOf } from '../../src/pages/people/visitor';

it('calls a visitor by the best name there is', () => {
  const nobody = { id: 'vis_0190a1b2c3d47e5f80718293a4b5c6d7', name: null, email: null, subject: null };
  expect(nameOf(nobody)).toBe('Anonymous b5c6d7');
  expect(nameOf({ ...nobody, subject: 'u-1' })).toBe('u-1');
  expect(nameOf({ ...nobody, subject: 'u-1', email: 'a@b.example' })).toBe('a@b.example');
  expect(nameOf({ ...nobody, name: 'Ada', email: 'a@b.example' })).toBe('Ada');
  expect([erasureName(nobody), erasureName({ ...nobody, subject: 'u-1' })]).toEqual([nobody.id, 'u-1']);
});

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36', 'Chrome on Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0', 'Edge on Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'Safari on macOS'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1', 'Chrome on iOS'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0', 'Firefox on Android'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', ''],
])('%s', (userAgent, words) => expect(browserOf(userAgent)).toBe(words));
