// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment, useParam } from '../../api/environment';
import { resource } from '../../api/resource';
import { ToolPage } from './ToolPage';

export const prefetch = (client: QueryClient, { environment = '', name = '' }: Record<string, string>) => client.ensureQueryData(resource('/environments/{environment}/tools/{name}', { path: { environment, name } }));

export default function Tool() {
  return <ToolPage environment={useEnvironment().id} name={useParam('name')} />;
}
