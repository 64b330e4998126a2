// SPDX-License-Identifier: Apache-2.0
import { useEnvironment, useParam } from '../../api/environment';
import { ConversationPage } from './ConversationPage';

export default function Conversation() {
  return <ConversationPage environment={useEnvironment().id} conversation={useParam('conversation')} />;
}
