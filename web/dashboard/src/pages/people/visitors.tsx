// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { VisitorsPage, visitorsQuery } from './VisitorsPage';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureInfiniteQueryData(visitorsQuery(environment, '', ''));

export default function Visitors() {
  return <VisitorsPage environment={useEnvironment().id} />;
}
