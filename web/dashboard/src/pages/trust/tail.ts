// SPDX-License-Identifier: Apache-2.0
/** The live end of the log: what is new since the last look, each row once. Rows are asked for oldest first from a cursor on, so that a
 * burst larger than a page is shown whole, in the order in which it happened. */
export interface TailRow {
  id: string;
  at: string;
}

export interface Tail<Row extends TailRow> {
  /** The newest first, as the table shows them. */
  rows: Row[];
  /** Where the next look begins; null: at `since`. */
  cursor: string | null;
  since: string;
  /** Rows that are no longer kept here: the export has them. */
  dropped: number;
}

/** A page of the log that stays open all day must not grow without end. */
export const tailKeeps = 1000;

export const startTail = <Row extends TailRow>(since: string): Tail<Row> => ({ rows: [], cursor: null, since, dropped: 0 });

/** The question of the next look. */
export const tailQuery = ({ cursor, since }: Pick<Tail<TailRow>, 'cursor' | 'since'>): Record<string, string> =>
  ({ order: 'oldest', limit: '200', ...(cursor ? { cursor } : { from: since }) });

/** `next` is the answer's cursor. Where there is none, the next look begins at the last row's time: what is known already is left out. */
export function extendTail<Row extends TailRow>(tail: Tail<Row>, items: readonly Row[], next: string | null): Tail<Row> {
  const known = new Set(tail.rows.map((row) => row.id));
  const fresh = items.filter((row) => !known.has(row.id)).reverse();
  const rows = [...fresh, ...tail.rows];
  const newest = rows[0]?.at;
  return {
    rows: rows.slice(0, tailKeeps),
    cursor: next,
    since: newest && newest > tail.since ? newest : tail.since,
    dropped: tail.dropped + Math.max(0, rows.length - tailKeeps),
  };
}
