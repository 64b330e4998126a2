// SPDX-License-Identifier: Apache-2.0
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const hour = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** A step of a chart: its day, or its day and time. */
export const stepInWords = (at: string | number, step: number): string => (step >= 86_400 ? day : hour).format(new Date(at));

/** Puts labels at their lines' ends without one covering another: each wants its own height, none comes nearer than
 * `distance` to the next, all stay between `top` and `bottom`. Answers in the order given. */
export function spread(wanted: readonly number[], distance: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, index) => ({ y: Math.min(Math.max(y, top), bottom), index })).sort((one, other) => one.y - other.y);
  for (let at = 1; at < order.length; at++) order[at]!.y = Math.max(order[at]!.y, order[at - 1]!.y + distance);
  for (let at = order.length - 1, limit = bottom; at >= 0; at--, limit = order[at + 1]!.y - distance) order[at]!.y = Math.min(order[at]!.y, limit);
  const placed: number[] = [];
  for (const { y, index } of order) placed[index] = y;
  return placed;
}

/** Where a value has no neighbour: no line goes through it, so that it must be drawn as a dot. */
export const aloneAt = (values: readonly (number | null)[]): number[] =>
  values.flatMap((value, at) => (value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : []));
