// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment } from '../../api/environment';
import { AssistantPage } from './AssistantPage';
import { assistantQuery } from './known';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureQueryData(assistantQuery(environment));

export default function Greeting() {
  return <AssistantPage environment={useEnvironment().id} />;
}
