// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment, useParam } from '../../api/environment';
import { resource } from '../../api/resource';
import { KnowledgeSnippetPage } from './KnowledgeEditor';

export const prefetch = (client: QueryClient, { environment = '', id = '' }: Record<string, string>) => client.ensureQueryData(resource('/environments/{environment}/knowledge/{id}', { path: { environment, id } }));

export default function KnowledgeSnippet() {
  return <KnowledgeSnippetPage environment={useEnvironment().id} id={useParam('id')} />;
}
