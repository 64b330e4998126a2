// SPDX-License-Identifier: Apache-2.0
import type { ChartProps } from './Chart';
import styles from './Chart.module.css';
import { stepInWords } from './step';

/** The numbers of a chart, newest first; steps in which nothing happened are left out. */
export function ChartTable({ title, at, step, lines, format }: ChartProps) {
  const rows = at.map((moment, index) => ({ moment, values: lines.map(({ values }) => values[index] ?? null) })).filter(({ values }) => values.some(Boolean)).reverse();
  return (
    <div className={styles.tableFrame} tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table className={styles.table}>
        <thead>
          <tr><th scope="col">Beginning</th>{lines.map(({ label }) => <th key={label} scope="col">{label}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map(({ moment, values }) => (
            <tr key={moment}><th scope="row">{stepInWords(moment, step)}</th>{values.map((value, index) => <td key={lines[index]?.label}>{value === null ? '–' : format(value)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
