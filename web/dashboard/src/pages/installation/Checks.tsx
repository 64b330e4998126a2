// SPDX-License-Identifier: Apache-2.0
/** What an operator easily gets wrong at first: each check with what it has seen and what to do. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { api, send } from '../../api/client';
import { useRight } from '../../api/session';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { Verdict } from '../../ui/Verdict';
import { plural } from '../../ui/time';
import styles from './Checks.module.css';

export const checksQuery = queryOptions({
  queryKey: ['/checks'],
  queryFn: () => send(api.GET('/checks', { params: { query: { now: new Date().toISOString() } } })),
});

export function Checks() {
  const { data, error } = useQuery({ ...checksQuery, refetchInterval: 60_000 });
  const items = data?.data.items;
  const open = items?.filter((one) => one.state !== 'ok') ?? [];
  const good = items?.filter((one) => one.state === 'ok') ?? [];
  return (
    <Card title="Checks" lead="Of the installation, and of the way on which this page came to you.">
      <Problem of={error} />
      {!items && !error && <SkeletonRows />}
      {open.map((one) => (
        <Verdict key={one.id} kind={one.state === 'attention' ? 'warning' : 'advice'} title={one.title} code={one.id}>
          <p>{one.cause}</p>
          <p><strong>What to do:</strong> {one.fix}</p>
        </Verdict>
      ))}
      {good.length > 0 && <ul className={styles.good}>{good.map((one) => <li key={one.id}><CircleCheck aria-hidden /> {one.title}</li>)}</ul>}
    </Card>
  );
}

/** On other pages, for owners: only where something needs attention. */
export function ChecksHint() {
  const isOwner = useRight('own');
  const { data } = useQuery({ ...checksQuery, enabled: isOwner, staleTime: 60_000 });
  const open = data?.data.items.filter((one) => one.state === 'attention') ?? [];
  if (!isOwner || open.length === 0) return null;
  return (
    <Verdict kind="warning" title={`${plural(open.length, 'check')} of the installation ${open.length === 1 ? 'needs' : 'need'} attention`} action={<Link to="/settings" className={buttonClass('secondary', 'small')}>See what to do</Link>}>
      <p>{open[0]!.cause}</p>
    </Verdict>
  );
}
