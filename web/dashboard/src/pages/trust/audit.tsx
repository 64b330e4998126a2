// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { AuditPage } from './AuditPage';
import { auditQuery } from './AuditTable';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureInfiniteQueryData(auditQuery(environment, {}, 0));

export default function Audit() {
  const { id, productName, name } = useEnvironment();
  return <AuditPage key={id} environment={id} name={`${productName}-${name}`} />;
}
