// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../theme';
import type { ChartProps, Tone } from './Chart';
import styles from './Chart.module.css';
import { aloneAt, spread, stepInWords } from './step';
import { shortCount } from './time';

interface Pointed {
  index: number;
  left: number;
}

/** The drawing itself: uPlot's canvas, with labels and tooltip as text over it. */
export default function Plot({ title, at, step, lines, format }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useTheme();
  const isDark = useIsDark();
  const [ends, setEnds] = useState<number[]>([]);
  const [pointed, setPointed] = useState<Pointed | null>(null);

  useEffect(() => {
    const element = frame.current!;
    const colour = (tone: Tone | 'hairline') => {
      const probe = element.appendChild(document.createElement('span'));
      probe.className = styles[tone]!;
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    };
    const font = `12px ${getComputedStyle(element).fontFamily}`;
    const axis = { stroke: colour('muted'), font, grid: { stroke: colour('hairline'), width: 1 }, ticks: { show: false } };
    const labelWidth = Math.min(element.clientWidth * 0.34, 9 + Math.max(...lines.map(({ label }) => label.length)) * 6.6);
    const most = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
    const drawn = new uPlot(
      {
        width: element.clientWidth,
        height: 180,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
        padding: [8, labelWidth, 0, 0],
        scales: { x: { time: true }, y: { range: [0, most * 1.08] } },
        axes: [
          { ...axis, grid: { show: false }, size: 28, space: 70, values: (_, splits) => splits.map((split) => tick(split, step, at.length)) },
          { ...axis, size: 46, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000], values: (_, splits) => splits.map(shortCount) },
        ],
        series: [{}, ...lines.map(({ tone, values }, index) => ({
          stroke: colour(tone), width: 2, dash: index === 0 ? [] : index === 1 ? [6, 4] : [2, 3], spanGaps: false,
          points: { show: true, size: 7, width: 0, fill: colour(tone), filter: () => aloneAt(values) },
        }))],
        hooks: {
          setCursor: [(self) => setPointed(self.cursor.idx == null || (self.cursor.left ?? -1) < 0 ? null : { index: self.cursor.idx, left: self.over.offsetLeft + self.cursor.left! })],
          draw: [(self) => {
            const top = self.over.offsetTop;
            const height = self.over.clientHeight;
            const last = lines.map(({ values }) => values.findLast((value) => value !== null) ?? 0);
            setEnds(spread(last.map((value) => self.valToPos(value, 'y') + top), 16, top, top + height - 6));
          }],
        },
      },
      [at.map((moment) => Date.parse(moment) / 1000), ...lines.map(({ values }) => [...values])],
      element,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: 180 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [at, lines, step, theme, isDark]);

  /** Arrow keys go from step to step, from the latest on; what is pointed at is said as well as shown. */
  const point = (event: KeyboardEvent) => {
    const last = at.length - 1;
    const to = { ArrowLeft: pointed ? Math.max(0, pointed.index - 1) : last, ArrowRight: pointed ? Math.min(last, pointed.index + 1) : last, Home: 0, End: last }[event.key];
    if (event.key === 'Escape') hide();
    if (to === undefined) return;
    event.preventDefault();
    plot.current?.setCursor({ left: plot.current.valToPos(Date.parse(at[to]!) / 1000, 'x'), top: 0 });
  };
  const hide = () => plot.current?.setCursor({ left: -10, top: -10 });

  const moment = pointed ? at[pointed.index] : undefined;
  const spoken = pointed && moment && document.activeElement === frame.current ? `${stepInWords(moment, step)}: ${lines.map(({ label, values }) => `${label} ${values[pointed.index] == null ? 'none' : format(values[pointed.index]!)}`).join(', ')}` : '';
  return (
    <>
      <div ref={frame} className={styles.plot} role="img" tabIndex={0} aria-label={describe(title, lines, format)} onKeyDown={point} onBlur={hide}>
        {lines.map(({ label, tone }, index) => ends[index] !== undefined && <span key={label} className={`${styles.label} ${styles[tone]}`} style={{ top: ends[index] }} aria-hidden>{label}</span>)}
        {pointed && moment && (
          <div className={styles.tooltip} style={{ left: Math.min(pointed.left + 12, (frame.current?.clientWidth ?? 0) - 190) }} aria-hidden>
            <p>{stepInWords(moment, step)}</p>
            {lines.map(({ label, tone, values }) => {
              const value = values[pointed.index];
              return <p key={label} className={styles.row}><span className={styles[tone]}>{label}</span> <strong>{value === null || value === undefined ? '–' : format(value)}</strong></p>;
            })}
          </div>
        )}
      </div>
      <p role="status" className="visually-hidden">{spoken}</p>
    </>
  );
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** A mark at the foot: the time within a day, the weekday within a week, else the date. */
function tick(seconds: number, step: number, count: number): string {
  const days = (step * count) / 86_400;
  return (days <= 2 ? time : days <= 10 ? weekday : date).format(new Date(seconds * 1000));
}

/** For whoever does not see the drawing: each line's sum or latest, and where the table is. */
function describe(title: string, lines: ChartProps['lines'], format: ChartProps['format']): string {
  const latest = lines.map(({ label, values }) => `${label} ${format(values.findLast((value) => value !== null) ?? 0)}`);
  return `${title}, lines over time. Latest: ${latest.join(', ')}. Arrow keys go through them; all numbers: Table.`;
}

function useIsDark(): boolean {
  const [isDark, setIsDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const change = () => setIsDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark;
}
