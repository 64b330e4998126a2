// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { storable } from '../src/chat/storable';

test('keeps whole characters of every script', () => {
  const text = 'Grüße 🗝️ 你好 \u202Eabc\u0007 a\u0301';
  expect(storable(text)).toBe(text);
});

test('leaves out NUL and halves of characters', () => {
  expect(storable('a\0b')).toBe('ab');
  expect(storable('x\uD83Dy')).toBe('xy');
  expect(storable('\uDDDD🗝')).toBe('🗝');
});
