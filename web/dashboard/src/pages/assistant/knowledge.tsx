// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { KnowledgePage, knowledgeQuery } from './KnowledgePage';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureInfiniteQueryData(knowledgeQuery(environment, ''));

export default function Knowledge() {
  return <KnowledgePage environment={useEnvironment().id} />;
}
