// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { Page } from '../../ui/Page';
import { Allowed } from './Allowed';
import { issuersOf, useIssuers } from './data';
import { useEnvironmentId } from './places';
import { TokenTester } from './TokenTester';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureQueryData(issuersOf(environment));

export default function TestTokenPage() {
  const environment = useEnvironmentId();
  const { issuers } = useIssuers(environment);
  return (
    <Page title="Test a token" lead="Whether a token is good, and if not, why and what to do. Judged exactly as a message in the chat would be." isWide>
      <Allowed><TokenTester environment={environment} issuers={issuers?.map((one) => one.name) ?? []} /></Allowed>
    </Page>
  );
}
