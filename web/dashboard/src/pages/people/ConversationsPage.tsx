// SPDX-License-Identifier: Apache-2.0
import { MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import { list } from '../../api/resource';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { SearchField, useSettled } from '../../ui/SearchField';
import { conversationColumns } from './conversation-columns';

export const conversationsQuery = (environment: string, search: string) => ({ ...list('/environments/{environment}/conversations', { path: { environment }, query: search ? { search } : {} }), staleTime: 0 });

export function ConversationsPage({ environment, product, publishableKey }: { environment: string; product: string; publishableKey: string }) {
  const [search, setSearch] = useState('');
  const sought = useSettled(search.trim());
  return (
    <Page title="Conversations" isWide lead="What visitors asked and what they were told, the latest first. Each message says whether its writer was proven.">
      <Card isFlush actions={<SearchField label="Search conversations" placeholder="First message, visitor" value={search} onChange={setSearch} />}>
        <DataTable label="Conversations" columns={conversationColumns(environment, true)} rowKey={(row) => row.id} query={conversationsQuery(environment, sought)}
          empty={sought ? <EmptyState title={`No conversation fits “${sought}”`} /> : (
            <EmptyState icon={<MessagesSquare />} title="Nobody has written yet">
              <p>Put the chat in your page, and the first message appears here:</p>
              <Code title="In your page" code={`<script src="${location.origin}/widget.js" async data-product-id="${product}" data-service-key="${publishableKey}"></script>`} isWrapped />
            </EmptyState>
          )} />
      </Card>
    </Page>
  );
}
