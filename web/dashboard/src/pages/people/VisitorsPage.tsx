// SPDX-License-Identifier: Apache-2.0
import { Link } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import { useState } from 'react';
import { list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { Badge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { type Column, DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { SearchField, useSettled } from '../../ui/SearchField';
import { Time } from '../../ui/Time';
import { KindFilter, type Kind } from './KindFilter';
import { VisitorMark } from './VisitorMark';
import { nameOf } from './visitor';

type Visitor = components['schemas']['Visitor'];

export const visitorsQuery = (environment: string, search: string, kind: Kind) => ({
  ...list('/environments/{environment}/visitors', { path: { environment }, query: { ...(search ? { search } : {}), ...(kind ? { kind } : {}) } }),
  staleTime: 0, // people come and go by themselves
});

export function VisitorsPage({ environment }: { environment: string }) {
  const [search, setSearch] = useState('');
  const [kind, setKind] = useState<Kind>('');
  const sought = useSettled(search.trim());
  const columns: readonly Column<Visitor>[] = [
    {
      header: 'Visitor',
      cell: (row) => (
        <>
          <Link to="/e/$environment/visitors/$visitor" params={{ environment, visitor: row.id }}>{nameOf(row)}</Link>
          {row.email && row.email !== nameOf(row) && <div className="muted">{row.email}</div>}
        </>
      ),
    },
    { header: 'Proven', cell: (row) => <VisitorMark kind={row.kind} revokedAt={row.revokedAt} /> },
    { header: 'sub', isExtra: true, cell: (row) => (row.subject ? <code>{row.subject}</code> : <span className="muted">none</span>) },
    { header: 'Issuer', isExtra: true, cell: (row) => row.issuer ?? '' },
    { header: 'First seen', isExtra: true, cell: (row) => <Time at={row.firstSeenAt} /> },
    { header: 'Last seen', cell: (row) => <Time at={row.lastSeenAt} /> },
  ];
  return (
    <Page title="Visitors" isWide lead="Everybody who has used the chat. One page each: what they said, which tools acted for them, and how to sign them out, hand them their data, or erase it.">
      <Card isFlush actions={<><KindFilter value={kind} onChange={setKind} /><SearchField label="Search visitors" placeholder="Name, e-mail, sub or id" value={search} onChange={setSearch} /></>}>
        <DataTable label="Visitors" columns={columns} rowKey={(row) => row.id} query={visitorsQuery(environment, sought, kind)}
          empty={sought || kind ? <EmptyState title={`Nobody ${kind === 'verified' ? 'verified ' : kind === 'anonymous' ? 'anonymous ' : ''}fits${sought ? ` “${sought}”` : ''}`} /> : (
            <EmptyState icon={<UserRound />} title="Nobody has been here yet">
              <p>A visitor appears with their first message. Once your page says who they are, they have a name here:</p>
              <Code title="In your page" code={`chatelaine('identify', { token }); // whenever somebody signs in`} />
            </EmptyState>
          )} />
      </Card>
      <p className="muted"><Badge>Anonymous</Badge> visitors are known to their own browser alone. <Badge kind="good">Verified</Badge> ones were proven by a token of yours at every message.</p>
    </Page>
  );
}
