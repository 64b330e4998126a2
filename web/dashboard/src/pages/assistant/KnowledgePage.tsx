// SPDX-License-Identifier: Apache-2.0
import { Link } from '@tanstack/react-router';
import { LibraryBig, Plus } from 'lucide-react';
import { useState } from 'react';
import { list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { type Column, DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { SearchField, useSettled } from '../../ui/SearchField';
import { Time } from '../../ui/Time';
import { AssistantTry } from './AssistantTry';
import { useMayEdit } from './Editable';
import { useAssistantKind } from './known';
import styles from './knowledge.module.css';

type Row = components['schemas']['Knowledge'];

export const knowledgeQuery = (environment: string, search: string) => list('/environments/{environment}/knowledge', { path: { environment }, query: (search ? { search } : {}) as never });

const example = `{
  "id": "hours",
  "title": "Business hours",
  "triggers": ["opening hours", "when are you open"],
  "text": "We are open **Monday to Friday, 9 to 17**."
}`;

export function KnowledgePage({ environment }: { environment: string }) {
  const [search, setSearch] = useState('');
  const sought = useSettled(search.trim());
  const kind = useAssistantKind(environment);
  const columns: readonly Column<Row>[] = [
    {
      header: 'Snippet',
      cell: (row) => (
        <>
          <Link to="/e/$environment/knowledge/$id" params={{ environment, id: row.id }}>{row.document.title}</Link>
          <div className="muted"><code>{row.id}</code></div>
        </>
      ),
    },
    { header: 'Triggers', cell: (row) => <span className={styles.triggers}>{row.document.triggers.slice(0, 3).map((trigger) => <q key={trigger}>{trigger}</q>)}{row.document.triggers.length > 3 && <span>and {row.document.triggers.length - 3} more</span>}</span> },
    { header: 'Text', isExtra: true, cell: (row) => <span className={styles.excerpt}>{row.document.text}</span> },
    { header: 'Changed', cell: (row) => <Time at={row.updatedAt} /> },
  ];
  const add = useMayEdit() ? <Link to="/e/$environment/new-knowledge" params={{ environment }} className={buttonClass('primary')}><Plus aria-hidden /> New snippet</Link> : undefined;
  return (
    <Page title="Knowledge" isWide actions={add} lead={kind === 'rules' ? 'What the assistant may tell anybody. It answers with the snippet whose triggers, or words, fit best.' : 'What the assistant may tell anybody. The model is given the snippets that fit the question.'}>
      <Card isFlush actions={<SearchField label="Search knowledge" value={search} onChange={setSearch} />}>
        <DataTable label="Knowledge" columns={columns} rowKey={(row) => row.id} query={knowledgeQuery(environment, sought)}
          empty={sought ? <EmptyState title={`No snippet fits “${sought}”`} /> : (
            <EmptyState icon={<LibraryBig />} title="No knowledge yet" action={add}>
              <p>A snippet is one answer: the phrases that ask for it, and the text. In a configuration file it looks like this:</p>
              <Code title="knowledge" code={example} />
            </EmptyState>
          )} />
      </Card>
      {kind === 'rules' && <AssistantTry environment={environment} />}
    </Page>
  );
}
