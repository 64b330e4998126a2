// SPDX-License-Identifier: Apache-2.0
const browsers: readonly [RegExp, string][] = [[/\bEdgA?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bFirefox\/|FxiOS/, 'Firefox'], [/Chrom(?:e|ium)\/|CriOS/, 'Chrome'], [/Safari\//, 'Safari']];
const systems: readonly [RegExp, string][] = [[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']];

const nameIn = (names: readonly [RegExp, string][], text: string): string | null => names.find(([sign]) => sign.test(text))?.[1] ?? null;

/** "Firefox on Linux": enough to tell one's own devices apart. */
export function deviceOf(userAgent: string | null): string {
  if (!userAgent) return 'Unknown device';
  const browser = nameIn(browsers, userAgent);
  const system = nameIn(systems, userAgent);
  return [browser ?? 'Unknown browser', system && `on ${system}`].filter(Boolean).join(' ');
}
