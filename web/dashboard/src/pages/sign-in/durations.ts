// SPDX-License-Identifier: Apache-2.0
/** Spans of time on a clock's face, and those to choose from. */

/** "23:59:07", "4:09": what is left, to the second; "0:00" when it is over. */
export function countdown(milliseconds: number): string {
  const left = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, '0');
  const [days, hours, minutes, seconds] = [Math.floor(left / 86_400), Math.floor((left % 86_400) / 3600), Math.floor((left % 3600) / 60), left % 60];
  const clock = hours > 0 || days > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** Choices for how long an old secret goes on verifying. */
export const overlaps = [
  { seconds: 900, label: '15 minutes' },
  { seconds: 3600, label: '1 hour' },
  { seconds: 86_400, label: '24 hours' },
  { seconds: 7 * 86_400, label: '7 days' },
] as const;
