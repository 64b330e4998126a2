// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { environmentQuery, lastEnvironment } from '../api/environment';

/** Where `/` leads: to the environment looked at last, if it is still there, else to the list of products. */
export async function firstPlace(client: QueryClient) {
  const environment = lastEnvironment.read();
  if (environment) {
    try {
      await client.ensureQueryData(environmentQuery(environment));
      return { to: '/e/$environment', params: { environment }, replace: true } as const;
    } catch {
      lastEnvironment.forget();
    }
  }
  return { to: '/products', replace: true } as const;
}
