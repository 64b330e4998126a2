// SPDX-License-Identifier: Apache-2.0
import { Table2, ChartLine } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from './Button';
import { Card } from './Card';
import styles from './Chart.module.css';
import { ChartTable } from './ChartTable';

/** Of which colour a line is; `good` and `bad` where that is what it says. */
export type Tone = 'primary' | 'brass' | 'danger' | 'ink' | 'muted';

export interface Line {
  /** Stands at the end of the line. */
  label: string;
  tone: Tone;
  /** As many as `at`; null: nothing was measured. */
  values: readonly (number | null)[];
}

export interface ChartProps {
  title: string;
  lead?: string;
  /** Where each step begins, RFC 3339. */
  at: readonly string[];
  /** Seconds of a step. */
  step: number;
  lines: readonly Line[];
  /** A value in words, exact: "1,204", "12 ms". */
  format: (value: number) => string;
  /** What to say when no line has any value. */
  empty: string;
}

const Plot = lazy(() => import('./Plot'));

/** Lines over time, each labelled at its end, exact numbers where one points, and the same as a table. */
export function Chart(props: ChartProps) {
  const [isTable, setIsTable] = useState(false);
  const { title, lead, lines, empty } = props;
  const isEmpty = lines.every(({ values }) => values.every((value) => !value));
  return (
    <Card title={title} lead={lead} actions={!isEmpty && (
      <Button size="small" kind="quiet" icon={isTable ? <ChartLine aria-hidden /> : <Table2 aria-hidden />} onClick={() => setIsTable(!isTable)} aria-label={isTable ? `${title} as a chart` : `${title} as a table`}>{isTable ? 'Chart' : 'Table'}</Button>
    )}>
      {isEmpty ? <p className={styles.empty}>{empty}</p> : isTable ? <ChartTable {...props} /> : <Suspense fallback={<div className={styles.plot} />}><Plot {...props} /></Suspense>}
    </Card>
  );
}
