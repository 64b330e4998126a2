// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment, useParam } from '../../api/environment';
import { VisitorPage, visitorQuery } from './VisitorPage';

export const prefetch = (client: QueryClient, { environment = '', visitor = '' }: Record<string, string>) => client.ensureQueryData(visitorQuery(environment, visitor));

export default function Visitor() {
  return <VisitorPage environment={useEnvironment().id} visitor={useParam('visitor')} />;
}
