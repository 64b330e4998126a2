// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { AppearancePage, appearanceQuery } from './AppearancePage';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureQueryData(appearanceQuery(environment));

export default function Appearance() {
  return <AppearancePage environment={useEnvironment().id} />;
}
