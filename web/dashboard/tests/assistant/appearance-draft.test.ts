// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { isLength, lengthFrom, textAt, withText } from '../../src/pages/assistant/appearance-draft';

const appearance = { title: 'Acme', colors: { primary: '#123456', other: 1 }, unknown: { kept: true } };

it('reads and changes one member; the rest stays', () => {
  expect(textAt(appearance, 'title')).toBe('Acme');
  expect(textAt(appearance, 'colors.primary')).toBe('#123456');
  expect([textAt(appearance, 'colors.other'), textAt(appearance, 'dimensions.width'), textAt({ colors: 'x' }, 'colors.primary')]).toEqual(['', '', '']);
  expect(withText(appearance, 'dimensions.width', '420px')).toEqual({ ...appearance, dimensions: { width: '420px' } });
  expect(withText(appearance, 'colors.primary', '')).toEqual({ ...appearance, colors: { other: 1 } });
});

it('what is empty is not written, nor an object that is left empty', () => {
  expect(withText(appearance, 'title', '')).toEqual({ colors: appearance.colors, unknown: appearance.unknown });
  expect(withText({ colors: { primary: '#123' } }, 'colors.primary', '')).toEqual({});
  expect(withText({}, 'colors.primary', '')).toEqual({});
  expect(withText({ colors: 'x' }, 'colors.primary', '#123')).toEqual({ colors: { primary: '#123' } });
});

it('sizes', () => {
  expect(['14px', '1.5rem', '90%', '80dvh'].every(isLength)).toBe(true);
  expect(['14', 'red', '14px; color: red', 'calc(1px)', ''].some(isLength)).toBe(false);
  expect([lengthFrom('16'), lengthFrom(' 1rem ')]).toEqual(['16px', '1rem']);
});
