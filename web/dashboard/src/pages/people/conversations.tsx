// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { ConversationsPage, conversationsQuery } from './ConversationsPage';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureInfiniteQueryData(conversationsQuery(environment, ''));

export default function Conversations() {
  const { id, productId, publishableKey } = useEnvironment();
  return <ConversationsPage environment={id} product={productId} publishableKey={publishableKey ?? 'pk_…'} />;
}
