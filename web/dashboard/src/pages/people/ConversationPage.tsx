// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { useEnvironment } from '../../api/environment';
import { forget, list, resource } from '../../api/resource';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonPage, SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { plural } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { type Conversation, visitorName } from './conversation-columns';
import { Transcript } from './Transcript';
import { VisitorMark } from './VisitorMark';

export function ConversationPage({ environment, conversation }: { environment: string; conversation: string }) {
  const loaded = useQuery(resource('/environments/{environment}/conversations/{conversation}', { path: { environment, conversation } }));
  if (loaded.data) return <One environment={environment} conversation={loaded.data.data} />;
  return loaded.error ? <Page title="Conversation"><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

function One({ environment, conversation }: { environment: string; conversation: Conversation }) {
  const mayWrite = useRight('people-write', useEnvironment().productId);
  const messages = useInfiniteQuery(list('/environments/{environment}/conversations/{conversation}/messages', { path: { environment, conversation: conversation.id }, query: { limit: 200 } }));
  const all = messages.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={conversation.title || 'Conversation'} actions={mayWrite ? <Delete environment={environment} conversation={conversation} /> : undefined}
      lead={(
        <span className="row">
          <Link to="/e/$environment/visitors/$visitor" params={{ environment, visitor: conversation.visitor }}>{visitorName(conversation)}</Link>
          <VisitorMark kind={conversation.visitorKind} />
          <span>{plural(conversation.messageCount, 'message')}, the last <Time at={conversation.updatedAt} /></span>
        </span>
      )}>
      <Card>
        {messages.isPending ? <SkeletonRows count={4} /> : <Transcript messages={all} />}
        <Problem of={messages.error} />
        {messages.hasNextPage && <div className="row"><Button isBusy={messages.isFetchingNextPage} onClick={() => messages.fetchNextPage()}>Show later messages</Button></div>}
      </Card>
    </Page>
  );
}

function Delete({ environment, conversation }: { environment: string; conversation: Conversation }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/environments/{environment}/conversations/{conversation}', { params: { path: { environment, conversation: conversation.id } } })),
    onSuccess: async () => {
      toast('The conversation is deleted');
      await navigate({ to: '/e/$environment/conversations', params: { environment } });
      await forget(client, '/environments/{environment}/conversations', '/environments/{environment}/visitors');
    },
  });
  return (
    <>
      <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={() => setIsOpen(true)}>Delete</Button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title="Delete this conversation?">
        <div className="stack">
          <p>{plural(conversation.messageCount, 'message')} of {visitorName(conversation)} {conversation.messageCount === 1 ? 'is' : 'are'} deleted, for them too. There is no way back. The audit log keeps which tools were called.</p>
          <Problem of={remove.error} />
        </div>
        <DialogButtons>
          <Button onClick={() => setIsOpen(false)}>Keep it</Button>
          <Button kind="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>Delete</Button>
        </DialogButtons>
      </Dialog>
    </>
  );
}
