// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery, type QueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import { environmentQuery, useEnvironment } from '../../api/environment';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chart } from '../../ui/Chart';
import { Code } from '../../ui/Code';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { countInWords } from '../../ui/time';
import { failureLines, figuresOf, latencyLines, linesOf, milliseconds, ranges, statisticsQuery, type Range, type Statistics } from './statistics';
import styles from './overview.module.css';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(environmentQuery(environment)), client.ensureQueryData(statisticsQuery(environment, ranges[1]!))]);

/** How the chat is doing: who writes, what fails and why, what it costs in time. */
export default function OverviewPage() {
  const { id, name, productName, publishableKey } = useEnvironment();
  const [range, setRange] = useState<Range>(ranges[1]!);
  const { data, error, refetch } = useQuery({ ...statisticsQuery(id, range), placeholderData: keepPreviousData, refetchInterval: 30_000 });
  return (
    <Page title="Overview" lead={`${productName}, ${name}.`} actions={<RangeSwitch value={range} onChange={setRange} />}>
      <Problem of={error} action={<Button size="small" onClick={() => refetch()}>Try again</Button>} />
      {!data && !error && <SkeletonRows count={6} />}
      {data && (isQuiet(data.data) ? <NothingYet environment={id} publishableKey={publishableKey} range={range} /> : <Charts statistics={data.data} />)}
    </Page>
  );
}

const isQuiet = ({ series, latencyTotal }: Statistics): boolean => latencyTotal.count === 0 && series.every(({ total }) => total === 0);

function RangeSwitch({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  return (
    <div role="group" aria-label="Time" className={styles.ranges}>
      {ranges.map((range) => <button key={range.label} type="button" aria-pressed={range === value} className={styles.range} onClick={() => onChange(range)}>{range.label}</button>)}
    </div>
  );
}

function Charts({ statistics }: { statistics: Statistics }) {
  const common = { at: statistics.at, step: statistics.step };
  return (
    <>
      <dl className={styles.figures}>
        {figuresOf(statistics).map(({ label, value, note }) => (
          <div key={label} className={styles.figure}><dt>{label}</dt><dd className={styles.value}>{value}</dd><dd className={styles.note}>{note}</dd></div>
        ))}
      </dl>
      <Chart {...common} title="Messages" lines={linesOf(statistics, 'messages', { verified: 'primary', anonymous: 'brass' })} format={countInWords} empty="Nobody wrote in this time." />
      <Chart {...common} title="Why tokens were refused" lead="By reason, the most frequent ones." lines={failureLines(statistics)} format={countInWords} empty="Every token that came was good." />
      <div className={styles.pair}>
        <Chart {...common} title="Tool calls" lines={linesOf(statistics, 'tool-calls', { allowed: 'primary', refused: 'brass', failed: 'danger' })} format={countInWords} empty="No tool was called in this time." />
        <Chart {...common} title="Time to answer" lines={latencyLines(statistics)} format={milliseconds} empty="No answer was measured in this time." />
      </div>
      <Chart {...common} title="Key-set fetches" lines={linesOf(statistics, 'key-set-fetches', { ok: 'primary', failed: 'danger' })} format={countInWords} empty="No key set was fetched: none was needed, or what was fetched before is still good." />
    </>
  );
}

function NothingYet({ environment, publishableKey, range }: { environment: string; publishableKey: string | null; range: Range }) {
  const snippet = `<script src="${location.origin}/widget.js" async></script>
<script>
  window.chatelaine ??= function () { (chatelaine.q ??= []).push(arguments); };
  chatelaine('init', { serviceKey: '${publishableKey ?? 'pk_…'}' });
  chatelaine('identify', token); // whenever somebody signs in; null forgets
</script>`;
  return (
    <Card isFlush>
      <EmptyState icon={<MessagesSquare />} title={`Nobody wrote in ${range.words}`}
        action={<Link to="/e/$environment/start" params={{ environment }}>Set up sign-in, step by step</Link>}>
        <p>As soon as the chat is in a page and somebody writes, this page shows who is signed in, which tokens are refused and why, and how long answers take. Put this into the page:</p>
        <Code title="In your page" code={snippet} />
      </EmptyState>
    </Card>
  );
}
