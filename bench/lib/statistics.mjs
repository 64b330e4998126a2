// SPDX-License-Identifier: Apache-2.0

/** The value below which the share `p` (0 … 1) of all lies. */
export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}

export const median = (values) => percentile(values, 0.5);

/** Half the distance from the lowest to the highest, as a share of the median. */
export const noise = (values) => (Math.max(...values) - Math.min(...values)) / 2 / median(values);

/** Rows of cells as text: the first column to the left, the others to the right. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell ?? '')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd();
  return [line(cells[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

export const micro = (value) => (value === undefined ? '' : value < 10 ? value.toFixed(2) : value.toFixed(1));
export const times = (value) => (value === undefined ? '' : value.toFixed(2));
export const percent = (share) => `±${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
export const thousands = (value) => Math.round(value).toLocaleString('en-US');
