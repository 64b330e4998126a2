// SPDX-License-Identifier: Apache-2.0
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Pause, Radio, ScrollText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { toProblem, type ApiProblem } from '../../api/problem';
import type { ListPage } from '../../api/resource';
import { Button, buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { AuditFilterBar } from './AuditFilterBar';
import { auditQuery, type AuditRow, AuditTable } from './AuditTable';
import { type AuditFilter, exportHref, filterQuery, isEmptyFilter, readFilter } from './audit-filter';
import { startTail, tailKeeps, tailQuery, withFresh, type TailPlace } from './tail';

/** `environment` null: what happened in the installation as a whole. */
export function AuditPage({ environment, name }: { environment: string | null; name: string }) {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const key = JSON.stringify(readFilter(search));
  const filter = useMemo(() => JSON.parse(key) as AuditFilter, [key]);
  const selected = typeof search['row'] === 'string' ? search['row'] : null;
  const [isLive, setIsLive] = useState(false);
  // A relative range counts from when it was chosen.
  const now = useMemo(() => Date.now(), [key]);
  const { count, problem } = useTail(environment, filter, now, isLive && !filter.until);

  const go = (next: AuditFilter, row: string | null = null): void => void navigate({ to: '.', search: { ...next, ...(row ? { row } : {}) } as never, replace: true, resetScroll: false });
  return (
    <Page title={environment === null ? 'Audit of the installation' : 'Audit'} isWide
      lead={environment === null ? 'What administrators did to products, environments and each other.' : 'Who did what, in whose name, and what came of it: visitors’ tool calls and sign-ins, and administrators’ changes. Never a token, never a secret.'}
      actions={(
        <>
          <a className={buttonClass()} href={exportHref(environment, filter, 'csv', now)} download={`audit-${name}.csv`}><Download aria-hidden /> CSV</a>
          <a className={buttonClass()} href={exportHref(environment, filter, 'jsonl', now)} download={`audit-${name}.jsonl`}><Download aria-hidden /> JSON lines</a>
          <Button kind={isLive ? 'primary' : 'secondary'} aria-pressed={isLive} disabled={Boolean(filter.until)} icon={isLive ? <Pause aria-hidden /> : <Radio aria-hidden />} onClick={() => setIsLive(!isLive)}>{isLive ? 'Pause' : 'Live'}</Button>
        </>
      )}>
      <Card isFlush>
        <AuditFilterBar filter={filter} isInstallation={environment === null} onChange={(next) => go(next)} status={isLive ? <span role="status">Following the log{count > 0 && `: ${count} new`}</span> : null} />
        <Problem of={problem} />
        <AuditTable environment={environment} label="Audit log" filter={filter} now={now} selected={selected} onSelect={(row) => go(filter, row)}
          empty={isEmptyFilter(filter) ? <Nothing environment={environment} /> : <EmptyState title="No row fits this filter" action={<Button onClick={() => go({})}>Show all</Button>} />} />
      </Card>
    </Page>
  );
}

/** Puts what is new on top of the table's first page, once a second. */
function useTail(environment: string | null, filter: AuditFilter, now: number, isOn: boolean) {
  const client = useQueryClient();
  const place = useRef<TailPlace | null>(null);
  const [count, setCount] = useState(0);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const key = JSON.stringify([environment, filterQuery(filter, now)]);

  // Paused, the place is kept: going on shows what came meanwhile, too.
  useEffect(() => {
    place.current = null;
    setCount(0);
  }, [key]);

  useEffect(() => {
    if (!isOn) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    type Pages = InfiniteData<ListPage<AuditRow>, string | null>;
    const { queryKey } = auditQuery(environment, filter, now);
    const look = async (): Promise<void> => {
      const shown = client.getQueryData<Pages>(queryKey)?.pages[0]?.items;
      if (shown) {
        place.current ??= startTail(shown, Date.now());
        const query = { ...filterQuery(filter, now), ...tailQuery(place.current) } as never;
        try {
          const { data } = environment === null
            ? await send(api.GET('/audit', { params: { query }, signal: stop.signal }))
            : await send(api.GET('/environments/{environment}/audit', { params: { path: { environment }, query }, signal: stop.signal }));
          place.current = { ...place.current, cursor: data.next };
          setProblem(null);
          let fresh = 0;
          client.setQueryData<Pages>(queryKey, (pages) => {
            const [first, ...rest] = pages?.pages ?? [];
            if (!pages || !first) return pages;
            const items = withFresh(first.items, data.items);
            fresh = items.length - first.items.length;
            return fresh > 0 ? { ...pages, pages: [{ ...first, items }, ...rest] } : pages;
          });
          setCount((before) => before + fresh);
          if (shown.length + fresh > tailKeeps) void client.resetQueries({ queryKey });
        } catch (error) {
          if (!stop.signal.aborted) setProblem(toProblem(error));
        }
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void look(), 1000);
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, key, isOn]);

  return { count, problem: isOn ? problem : null };
}

function Nothing({ environment }: { environment: string | null }) {
  return (
    <EmptyState icon={<ScrollText />} title="Nothing has happened yet">
      <p>{environment === null ? 'Rows appear with the first product, the first administrator, the first sign-in.' : 'Rows appear with the first sign-in in the chat, the first tool that is called, the first change that an administrator makes here.'}</p>
      <Code title="The same from the command line" code={environment === null ? 'chatelaine audit tail' : `chatelaine audit tail --environment ${environment}`} />
    </EmptyState>
  );
}
