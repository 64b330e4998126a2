// SPDX-License-Identifier: Apache-2.0
import { Link } from '@tanstack/react-router';
import { KeyRound, Plus, Wrench } from 'lucide-react';
import { useState } from 'react';
import { list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { Badge } from '../../ui/Badge';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { type Column, DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { SearchField, useSettled } from '../../ui/SearchField';
import { Time } from '../../ui/Time';
import { plural } from '../../ui/time';
import { useMayEdit } from './Editable';
import { parameterNames } from './parameters';
import { ToolBackend } from './ToolBackend';
import type { Tool } from './tool';

type Row = components['schemas']['Tool'];

const documentOf = (row: Row): Tool => row.document as unknown as Tool;

export const toolsQuery = (environment: string, search: string) => list('/environments/{environment}/tools', { path: { environment }, query: search ? { search } : {} });

export function ToolsPage({ environment }: { environment: string }) {
  const [search, setSearch] = useState('');
  const sought = useSettled(search.trim());
  const columns: readonly Column<Row>[] = [
    {
      header: 'Tool',
      cell: (row) => (
        <>
          <Link to="/e/$environment/tools/$name" params={{ environment, name: row.name }}>{documentOf(row).title || row.name}</Link>
          {documentOf(row).title && <div className="muted"><code>{row.name}</code></div>}
        </>
      ),
    },
    { header: 'Access', cell: (row) => (documentOf(row).access === 'public' ? <Badge>Public</Badge> : <Badge kind="good" icon={<KeyRound aria-hidden />}>Requires sign-in</Badge>) },
    { header: 'Parameters', cell: (row) => parametersOf(documentOf(row)) },
    { header: 'Asks for', isExtra: true, cell: (row) => <span className="muted">{[...(documentOf(row).requiredClaims ?? []), ...(documentOf(row).permissions ?? [])].map((word) => <code key={word}>{word} </code>)}</span> },
    { header: 'Changed', isExtra: true, cell: (row) => <Time at={row.updatedAt} /> },
  ];
  const add = useMayEdit() ? <Link to="/e/$environment/new-tool" params={{ environment }} className={buttonClass('primary')}><Plus aria-hidden /> New tool</Link> : undefined;
  return (
    <Page title="Custom tools" isWide actions={add} lead="What the assistant may do in your systems. Each tool is one URL of yours, called with the verified visitor; which of them need a sign-in is said here and checked at every call.">
      <Card isFlush actions={<SearchField label="Search tools" value={search} onChange={setSearch} />}>
        <DataTable label="Tools" columns={columns} rowKey={(row) => row.id} query={toolsQuery(environment, sought)}
          empty={sought ? <EmptyState title={`No tool has “${sought}” in its name or title`} /> : (
            <EmptyState icon={<Wrench />} title="No tools yet" action={add}>
              <p>Without tools the assistant answers from knowledge alone. With one it can look up a balance, track an order, cancel a subscription: you write an endpoint, and say here who may use it.</p>
            </EmptyState>
          )} />
      </Card>
      <ToolBackend environment={environment} />
    </Page>
  );
}

function parametersOf(tool: Tool) {
  const names = parameterNames(tool.parameters);
  const bound = tool.access === 'public' ? [] : Object.keys(tool.bind ?? {});
  if (names.length === 0) return <span className="muted">none</span>;
  return <span>{plural(names.length, 'parameter')}{bound.length > 0 && <span className="muted">, {bound.length} from claims</span>}</span>;
}
