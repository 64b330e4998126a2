// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useInfiniteQuery, type InfiniteData, type UseInfiniteQueryOptions } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { ApiProblem } from '../api/problem';
import type { ListPage } from '../api/resource';
import { Button } from './Button';
import { Problem } from './Problem';
import { SkeletonRows } from './Skeleton';
import styles from './DataTable.module.css';

export interface Column<T> {
  /** Its head; also the label of the cell at phone width. */
  header: string;
  /** The first column's cell holds the row's link, if a row can be opened: arrow keys go from one to the next. */
  cell: (row: T) => ReactNode;
  isNumeric?: boolean;
  /** Hidden head, for a column of buttons. */
  isActions?: boolean;
  /** Left out at phone width. */
  isExtra?: boolean;
}

// The key's type is each list's own; nothing here looks at it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ListQuery<T> = UseInfiniteQueryOptions<ListPage<T>, ApiProblem, InfiniteData<ListPage<T>>, any, string | null>;

interface DataTableProps<T> {
  /** Names the table for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  /** `list('/environments/{environment}/visitors', …)`. */
  query: ListQuery<T>;
  rowKey: (row: T) => string;
  /** When nothing is there: an EmptyState that teaches (or, with a search, one that says what was sought). */
  empty: ReactNode;
}

/** A list by pages of 50, as a table with a head that stays; at phone width as a list. The rows before stay while others are read. */
export function DataTable<T>({ label, columns, query, rowKey, empty }: DataTableProps<T>) {
  const [wanted, setWanted] = useState({ key: '', page: 0 });
  const { data, error, isPending, isPlaceholderData, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({ placeholderData: keepPreviousData, ...query });
  // Another search or filter begins at its first page.
  const key = JSON.stringify(query.queryKey);
  const page = wanted.key === key ? Math.min(wanted.page, Math.max(0, (data?.pages.length ?? 1) - 1)) : 0;
  const rows = data?.pages[page]?.items ?? [];
  const hasNext = data ? page + 1 < data.pages.length || (hasNextPage && !isPlaceholderData) : false;

  // The next page is there before it is asked for.
  useEffect(() => {
    if (data && page + 1 === data.pages.length && hasNextPage && !isFetchingNextPage && !isPlaceholderData && wanted.key === key) void fetchNextPage();
  }, [page, key, wanted.key, data, hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage]);

  const turn = async (to: number) => {
    if (data && to >= data.pages.length) await fetchNextPage();
    setWanted({ key, page: to });
  };
  if (isPending) return <SkeletonRows count={6} />;
  if (error && !data) return <Problem of={error} action={<Button size="small" onClick={() => refetch()}>Try again</Button>} />;
  if (rows.length === 0 && page === 0) return empty;
  return (
    <div className={styles.frame} aria-busy={isPlaceholderData || undefined}>
      <Problem of={error} />
      <div className={styles.scroll}>
        <table role="table" aria-label={label} className={styles.table} onKeyDown={moveBetweenRows}>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <th key={column.header} role="columnheader" scope="col" className={classOf(column)}>
                  <span className={column.isActions ? 'visually-hidden' : undefined}>{column.header}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={rowKey(row)} role="row">
                {columns.map((column) => <td key={column.header} role="cell" data-label={column.isActions ? undefined : column.header} className={classOf(column)}>{column.cell(row)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(page > 0 || hasNext) && (
        <nav aria-label={`Pages of ${label}`} className={styles.pages}>
          <Button size="small" icon={<ChevronLeft aria-hidden />} disabled={page === 0} onClick={() => turn(page - 1)}>Previous</Button>
          <span role="status" className="muted">Page {page + 1}</span>
          <Button size="small" disabled={!hasNext} isBusy={isFetchingNextPage && page + 1 >= (data?.pages.length ?? 0) && wanted.page > page} onClick={() => turn(page + 1)}>Next <ChevronRight aria-hidden /></Button>
        </nav>
      )}
    </div>
  );
}

const classOf = <T,>(column: Column<T>) => [column.isNumeric && styles.numeric, column.isExtra && styles.extra, column.isActions && styles.actions].filter(Boolean).join(' ') || undefined;

/** Up, down, Home and End go from row to row, to the same place in each. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>) {
  const from = event.target as HTMLElement;
  const cell = from.closest('td');
  const row = cell?.parentElement as HTMLTableRowElement | null | undefined;
  if (!cell || !row || from.matches('input, select, textarea')) return;
  const rows = [...(row.parentElement as HTMLTableSectionElement).rows];
  const at = rows.indexOf(row);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  const target = to === undefined ? null : rows[to]?.cells[cell.cellIndex]?.querySelector<HTMLElement>('a, button');
  if (!target) return;
  event.preventDefault();
  target.focus();
}
