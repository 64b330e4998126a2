// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { contrastChecks, contrastWarning, madeDark, ratioText, toHex } from '../../src/pages/assistant/contrast';

it('the look’s own colours have the contrasts that it says', () => {
  expect(contrastChecks().map(({ side, ratio, isEnough }) => [side, ratioText(ratio ?? 0), isEnough])).toEqual([
    ['light', '6.4', true], ['light', '6.4', true], ['dark', '8.9', true], ['dark', '9.8', true],
  ]);
});

it('black on white is 21, and a colour that is too light is said with its number', () => {
  expect(contrastChecks({ primary: '#000' })[0]).toMatchObject({ ratio: 21, isEnough: true });
  const [link, button] = contrastChecks({ primary: '#ffcc00' });
  expect(link).toMatchObject({ isEnough: false });
  expect(contrastWarning(link as never)).toBe('Links and marks on the panel, light: 1.5 : 1. Text needs 4.5 : 1; choose a darker colour.');
  // On such a button the widget writes in black.
  expect(button).toMatchObject({ isEnough: true, color: '#0b1512' });
});

it('the dark side is made from the light one unless it is given', () => {
  expect(contrastChecks({ primary: '#1d4ed8' }).filter(({ side }) => side === 'dark').every(({ isEnough }) => isEnough)).toBe(true);
  expect(contrastChecks({ primary: '#1d4ed8', primaryDark: '#102a80' })[2]).toMatchObject({ isEnough: false, color: '#102a80' });
  expect(madeDark('#1d4ed8')).toMatch(/^#[\da-f]{6}$/);
  expect(madeDark('red')).toBeUndefined();
});

it('what is not #rrggbb is not measured, and said so', () => {
  expect(contrastChecks({ primary: 'rebeccapurple' }).map(contrastWarning)).toEqual([
    '“rebeccapurple” is not written as #rrggbb, so its contrast in light is not known.', '“rebeccapurple” is not written as #rrggbb, so its contrast in dark is not known.',
  ]);
  expect(toHex('#abc')).toBe('#aabbcc');
  expect(toHex('rgb(1 2 3)')).toBe('#010203');
  expect(toHex('tomato')).toBeUndefined();
});

it('4.46 is not said to be 4.5', () => expect(ratioText(4.499)).toBe('4.4'));
