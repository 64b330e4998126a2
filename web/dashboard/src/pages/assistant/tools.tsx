// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { ToolsPage, toolsQuery } from './ToolsPage';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureInfiniteQueryData(toolsQuery(environment, ''));

export default function Tools() {
  return <ToolsPage environment={useEnvironment().id} />;
}
