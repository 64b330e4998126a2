// SPDX-License-Identifier: Apache-2.0
/** A customer's colours, type and sizes over the tokens of web/theme, with the contrast of what results. */
import type { Appearance } from './session/protocol';

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const LIGHT = { panel: WHITE, textOn: [WHITE, [11, 21, 18]] as const };
const DARK = { panel: [24, 29, 33] as Rgb, textOn: [[11, 21, 18], WHITE] as const };
/** WCAG 2.2, 1.4.3: text of ordinary size. */
const ENOUGH = 4.5;

/** `#rgb`, `#rrggbb` or `rgb(r g b)`; other notations are passed on to the browser but not measured. */
export function parseColor(text: string): Rgb | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text.trim());
  if (short) return [1, 2, 3].map((at) => parseInt(`${short[at]}${short[at]}`, 16)) as unknown as Rgb;
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text.trim());
  if (long) return [1, 2, 3].map((at) => parseInt(long[at] ?? '', 16)) as unknown as Rgb;
  const rgb = /^rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)$/i.exec(text.trim());
  return rgb ? ([1, 2, 3].map((at) => Math.min(255, Number(rgb[at]))) as unknown as Rgb) : undefined;
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of WCAG 2.2, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** The colour, moved towards white until it can be read as text on the dark panel. */
export function lightened(color: Rgb): Rgb {
  let result = color;
  for (let share = 0; contrast(result, DARK.panel) < ENOUGH && share < 1; share += 0.05)
    result = color.map((part) => Math.round(part + (255 - part) * share)) as unknown as Rgb;
  return result;
}

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
const readable = (color: Rgb, choices: readonly [Rgb, Rgb]): Rgb =>
  contrast(color, choices[0]) >= ENOUGH || contrast(color, choices[0]) >= contrast(color, choices[1]) ? choices[0] : choices[1];

/** The custom properties that an appearance sets; `warn` hears what cannot be read well, with the number. */
export function themeProperties(appearance: Appearance, warn: (text: string) => void): Record<string, string> {
  const properties: Record<string, string> = {};
  const { colors = {}, dimensions = {}, fontFamily, fontSize, cornerRadius } = appearance;
  if (colors.primary) Object.assign(properties, primaryProperties(colors.primary, colors.primaryDark, warn));
  if (fontFamily) properties['--chatelaine-font'] = fontFamily;
  if (fontSize) properties['--chatelaine-size'] = fontSize;
  if (cornerRadius) properties['--chatelaine-corner'] = cornerRadius;
  if (dimensions.width) properties['--chatelaine-width'] = dimensions.width;
  if (dimensions.height) properties['--chatelaine-height'] = dimensions.height;
  if (dimensions.triggerMaxWidth) properties['--chatelaine-trigger-max-width'] = dimensions.triggerMaxWidth;
  return properties;
}

function primaryProperties(primary: string, primaryDark: string | undefined, warn: (text: string) => void): Record<string, string> {
  const light = parseColor(primary);
  if (!light) {
    warn(`colors.primary "${primary}" is not #rrggbb: its contrast is not checked.`);
    return { '--chatelaine-primary': primary };
  }
  const dark = (primaryDark && parseColor(primaryDark)) || lightened(light);
  for (const [name, color, panel] of [['light', light, LIGHT.panel], ['dark', dark, DARK.panel]] as const) {
    const ratio = contrast(color, panel);
    if (ratio < ENOUGH)
      warn(`colors.primary ${hex(color)} has a contrast of ${ratio.toFixed(1)} on the ${name} panel; text needs ${ENOUGH}.`);
  }
  return {
    '--chatelaine-primary': `light-dark(${hex(light)}, ${hex(dark)})`,
    '--chatelaine-on-primary': `light-dark(${hex(readable(light, LIGHT.textOn))}, ${hex(readable(dark, DARK.textOn))})`,
    '--chatelaine-primary-soft': 'color-mix(in srgb, var(--chatelaine-primary) 10%, var(--chatelaine-panel))',
  };
}
