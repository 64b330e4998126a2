// SPDX-License-Identifier: Apache-2.0
/** What an appearance's colours come to, by the widget's own rules: the numbers here are those of the chat that visitors see. */
import { contrast, lightened, parseColor } from '../../../../widget/src/theme';

/** WCAG 2.2, 1.4.3: text of ordinary size. */
export const enough = 4.5;

export interface ContrastCheck {
  what: string;
  side: 'light' | 'dark';
  color: string;
  on: string;
  /** null: the colour is not written as #rrggbb, so nobody can say. */
  ratio: number | null;
  isEnough: boolean;
}

type Rgb = NonNullable<ReturnType<typeof parseColor>>;
const panels = { light: '#ffffff', dark: '#181d21' } as const;
const texts = { light: ['#ffffff', '#0b1512'], dark: ['#0b1512', '#ffffff'] } as const;
const own = { light: '#0b6b5b', dark: '#4fd1b5' } as const;

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
const rgb = (color: string): Rgb => parseColor(color) as Rgb;

/** The colour as the browser's colour field wants it, or undefined where it can't hold it. */
export const toHex = (color: string | undefined): string | undefined => {
  const parsed = color ? parseColor(color) : undefined;
  return parsed && hex(parsed);
};

/** The dark colour that the widget makes from the light one. */
export const madeDark = (primary: string): string | undefined => {
  const parsed = parseColor(primary);
  return parsed && hex(lightened(parsed));
};

export function contrastChecks(colors: { primary?: string | undefined; primaryDark?: string | undefined } = {}): ContrastCheck[] {
  const primary = colors.primary?.trim();
  const light = primary || own.light;
  const dark = colors.primaryDark?.trim() || (primary ? madeDark(primary) : own.dark);
  return (['light', 'dark'] as const).flatMap((side) => {
    const color = side === 'light' ? light : dark;
    const parsed = color ? parseColor(color) : undefined;
    if (!color || !parsed) return [{ what: 'Links and marks on the panel', side, color: color ?? light, on: panels[side], ratio: null, isEnough: false }];
    const text = readableOn(parsed, texts[side]);
    return [
      check('Links and marks on the panel', side, hex(parsed), panels[side], contrast(parsed, rgb(panels[side]))),
      check('Text on buttons', side, text, hex(parsed), contrast(rgb(text), parsed)),
    ];
  });
}

const check = (what: string, side: ContrastCheck['side'], color: string, on: string, ratio: number): ContrastCheck =>
  ({ what, side, color, on, ratio, isEnough: ratio >= enough });

/** As the widget chooses it: the first if it can be read, else the better. */
function readableOn(color: Rgb, [first, second]: readonly [string, string]): string {
  const ratio = contrast(color, rgb(first));
  return ratio >= enough || ratio >= contrast(color, rgb(second)) ? first : second;
}

/** "4.5", never rounded up to a number that it does not reach. */
export const ratioText = (ratio: number): string => (Math.floor(ratio * 10) / 10).toFixed(1);

export function contrastWarning({ what, side, color, ratio, isEnough }: ContrastCheck): string | undefined {
  if (isEnough) return undefined;
  if (ratio === null) return `“${color}” is not written as #rrggbb, so its contrast in ${side} is not known.`;
  return `${what}, ${side}: ${ratioText(ratio)} : 1. Text needs ${enough} : 1; choose a ${side === 'light' ? 'darker' : 'lighter'} colour.`;
}
