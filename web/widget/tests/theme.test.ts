// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast, lightened, parseColor, themeProperties } from '../src/theme';

const tokens = readFileSync(join(import.meta.dirname, '../../theme/tokens.css'), 'utf8');
const color = (text: string) => parseColor(text) ?? expect.unreachable(text);

function token(name: string): Record<'light' | 'dark', ReturnType<typeof color>> {
  const [, light, dark] = new RegExp(`--chatelaine-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(tokens) ?? expect.unreachable(name);
  return { light: color(light ?? ''), dark: color(dark ?? '') };
}

it('reads colours', () => {
  expect(parseColor('#0b6b5b')).toEqual([11, 107, 91]);
  expect(parseColor('#FFF')).toEqual([255, 255, 255]);
  expect(parseColor('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
  for (const other of ['red', '#12', '#12345', 'url(x)', 'rgb(1,2)', '']) expect(parseColor(other)).toBeUndefined();
});

it('measures contrast as WCAG does', () => {
  expect(contrast(color('#000000'), color('#ffffff'))).toBeCloseTo(21, 5);
  expect(contrast(color('#767676'), color('#ffffff'))).toBeCloseTo(4.54, 2);
});

describe('the tokens', () => {
  it.each([
    ['ink', 'panel', 'light', 17.8],
    ['ink', 'paper', 'dark', 15.5],
    ['muted', 'panel', 'light', 6.4],
    ['muted', 'paper', 'dark', 7.5],
    ['primary', 'panel', 'light', 6.4],
    ['on-primary', 'primary', 'light', 6.4],
    ['on-primary', 'primary', 'dark', 9.8],
    ['primary', 'primary-soft', 'light', 5.7],
    ['brass', 'panel', 'light', 5.9],
    ['brass', 'paper', 'dark', 9.7],
    ['danger', 'panel', 'light', 6.6],
    ['danger', 'paper', 'dark', 8.4],
    ['border', 'panel', 'light', 3.3],
    ['border', 'panel', 'dark', 3.7],
  ] as const)('%s on %s, %s: %f', (text, ground, theme, measured) => {
    expect(contrast(token(text)[theme], token(ground)[theme])).toBeCloseTo(measured, 0);
  });

  it.each(['ink', 'muted', 'primary', 'brass', 'danger'])('%s can be read on panel and mist', (name) => {
    for (const theme of ['light', 'dark'] as const)
      for (const ground of ['panel', 'mist']) expect(contrast(token(name)[theme], token(ground)[theme])).toBeGreaterThan(4.5);
  });
});

describe('a customer\'s colours', () => {
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);

  it('get a dark side and text that can be read on them', () => {
    const properties = themeProperties({ colors: { primary: '#1d2f6f' } }, warn);
    expect(properties['--chatelaine-primary']).toMatch(/^light-dark\(#1d2f6f, #[0-9a-f]{6}\)$/);
    expect(properties['--chatelaine-on-primary']).toMatch(/^light-dark\(#ffffff, /);
    expect(warnings).toEqual([]);
    expect(contrast(lightened(color('#1d2f6f')), color('#181d21'))).toBeGreaterThanOrEqual(4.5);
  });

  it('are warned of with the number', () => {
    themeProperties({ colors: { primary: '#ffd400' } }, warn);
    expect(warnings.at(-1)).toMatch(/#ffd400 has a contrast of 1\.4 on the light panel/);
  });

  it('that are no hex are passed on, and said not to be measured', () => {
    expect(themeProperties({ colors: { primary: 'rebeccapurple' } }, warn)['--chatelaine-primary']).toBe('rebeccapurple');
    expect(warnings.at(-1)).toMatch(/not checked/);
  });

  it('set only what was given', () => {
    expect(themeProperties({ fontSize: '16px', dimensions: { width: '500px' } }, warn)).toEqual({ '--chatelaine-size': '16px', '--chatelaine-width': '500px' });
  });
});
