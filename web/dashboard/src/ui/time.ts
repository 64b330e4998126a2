// SPDX-License-Identifier: Apache-2.0
// Moments and counts in the reader's own locale.
const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

/** "3 minutes ago", "in 2 hours"; under ten seconds "now". */
export function timeInWords(at: string | number | Date, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(seconds) < 10) return relative.format(0, 'second');
  const [unit, length] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / length), unit);
}

export const exactTime = (at: string | number | Date): string => exact.format(new Date(at));

/** 300 → "5 minutes", 5400 → "1 hour 30 minutes": at most two units. */
export function durationInWords(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [unit, length] of steps) {
    const count = Math.floor(rest / length);
    if (count === 0) {
      if (parts.length > 0) break; // "1 hour 3 seconds" helps nobody
      continue;
    }
    parts.push(new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
    rest -= count * length;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || new Intl.NumberFormat(undefined, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(0);
}

export const countInWords = (count: number): string => whole.format(count);
export const shortCount = (count: number): string => short.format(count);
/** `plural(3, 'session')` → "3 sessions". */
export const plural = (count: number, one: string, many = `${one}s`): string => `${whole.format(count)} ${count === 1 ? one : many}`;
