// SPDX-License-Identifier: Apache-2.0
/** The live end of the log: what is new since the last look, each row once. Rows are asked for oldest first from a cursor on, so that a
 * burst larger than a page is shown whole, in the order in which it happened. */
export interface TailRow {
  id: string;
  at: string;
}

/** Where the next look begins: at the cursor of the one before; the first, at a moment. */
export interface TailPlace {
  cursor: string | null;
  since: string;
}

/** A page that stays open all day must not grow without end. */
export const tailKeeps = 1000;

/** From the newest row that is shown (it is left out when it comes again); with none, from a little ago, as clocks differ. */
export const startTail = (shown: readonly TailRow[], now: number): TailPlace => ({ cursor: null, since: shown[0]?.at ?? new Date(now - 300_000).toISOString() });

/** The question of the next look. */
export const tailQuery = ({ cursor, since }: TailPlace): Record<string, string> => ({ order: 'oldest', limit: '200', ...(cursor ? { cursor } : { from: since }) });

/** The rows with the fresh ones above them, the newest first. */
export function withFresh<Row extends TailRow>(shown: readonly Row[], fresh: readonly Row[]): Row[] {
  const known = new Set(shown.map((row) => row.id));
  return [...fresh.filter((row) => !known.has(row.id)).reverse(), ...shown];
}

/** When a row was written: its id begins with the milliseconds (UUIDv7). So a link that holds the id alone finds the row. */
export function momentOf(id: string): number | undefined {
  const hex = /^[a-z]+_([\da-f]{12})[\da-f]{20}$/.exec(id.replaceAll('-', ''))?.[1];
  return hex === undefined ? undefined : parseInt(hex, 16);
}
