// SPDX-License-Identifier: Apache-2.0
/** The mark: a key whose bow is a speech bubble, on a grid of 24. */
export const MARK_PATHS = [
  'M6.25 4h4.5a4 4 0 0 1 4 4v2.5a4 4 0 0 1-4 4H9L5.5 18v-3.6a4 4 0 0 1-3.25-3.9V8a4 4 0 0 1 4-4Z',
  'M14.75 9.25h7M18.5 9.25v3M21.75 9.25v4.25',
  'M8.5 10.5a1.25 1.25 0 1 0 0-2.5 1.25 1.25 0 0 0 0 2.5Z',
] as const;

/** Without innerHTML, so that it can be made under Trusted Types. */
export function markElement(): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  for (const path of MARK_PATHS) svg.appendChild(document.createElementNS(svg.namespaceURI, 'path')).setAttribute('d', path);
  return svg as SVGSVGElement;
}
