// SPDX-License-Identifier: Apache-2.0
/** How a visitor is called: as they are named, else as their token names them. */
export const nameOf = (visitor: { id: string; name: string | null; email: string | null; subject: string | null }): string =>
  visitor.name || visitor.email || visitor.subject || `Anonymous ${visitor.id.slice(-6)}`;

/** What must be typed before somebody's data is erased. */
export const erasureName = (visitor: { id: string; subject: string | null }): string => visitor.subject ?? visitor.id;

const browsers: readonly [RegExp, string][] = [[/\bEdg(?:e|A|iOS)?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'], [/\b(?:Firefox|FxiOS)\//, 'Firefox'], [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'], [/\bSafari\//, 'Safari']];
const systems: readonly [RegExp, string][] = [[/\b(?:iPhone|iPad)\b/, 'iOS'], [/\bAndroid\b/, 'Android'], [/\bWindows\b/, 'Windows'], [/\bCrOS\b/, 'ChromeOS'], [/\bMac OS X\b/, 'macOS'], [/\bLinux\b/, 'Linux']];

/** "Firefox on Linux", as far as a browser says what it is; else what it says, as far as it is short. */
export function browserOf(userAgent: string): string {
  const [browser, system] = [browsers, systems].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1]);
  return browser && system ? `${browser} on ${system}` : (browser ?? userAgent.slice(0, 40));
}
