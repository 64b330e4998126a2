// SPDX-License-Identifier: Apache-2.0
/** The mark: a key whose bow is a speech bubble, on a grid of 24. */
export const MARK_PATHS = [
  'M6.5 4h4A4.5 4.5 0 0 1 15 8.5v2a4.5 4.5 0 0 1-4.5 4.5H9l-4 4v-4.3A4.5 4.5 0 0 1 2 10.5v-2A4.5 4.5 0 0 1 6.5 4Z',
  'M15 9.5h7M18.25 9.5V13M22 9.5v5',
  'M8.5 11a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z',
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
