// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { useEnvironment, useParam } from '../../api/environment';
import { resource } from '../../api/resource';
import { ConversationPage } from './ConversationPage';

export const prefetch = (client: QueryClient, { environment = '', conversation = '' }: Record<string, string>) => client.ensureQueryData(resource('/environments/{environment}/conversations/{conversation}', { path: { environment, conversation } }));

export default function Conversation() {
  return <ConversationPage environment={useEnvironment().id} conversation={useParam('conversation')} />;
}
