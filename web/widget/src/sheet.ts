// SPDX-License-Identifier: Apache-2.0
/** A style sheet that no Content-Security-Policy has to allow: it is made by script, not written into the page. */
export function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
