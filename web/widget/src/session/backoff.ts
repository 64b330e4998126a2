// SPDX-License-Identifier: Apache-2.0
/** How long to wait before the nth attempt to connect again: doubling from half a second to half a minute, and
 * spread over the upper half of that, so that a restarted server does not meet all its pages at once. */
export function backoffMilliseconds(attempt: number, random: () => number): number {
  const ceiling = Math.min(30_000, 500 * 2 ** attempt);
  return ceiling / 2 + (random() * ceiling) / 2;
}
