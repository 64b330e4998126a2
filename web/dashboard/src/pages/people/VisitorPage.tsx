// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Download, LogOut, MessagesSquare, MonitorSmartphone, Trash2, Wrench } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { useEnvironment } from '../../api/environment';
import { forget, list, resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button, buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { InlineCode } from '../../ui/Code';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { type Column, DataTable } from '../../ui/DataTable';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonPage } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { plural } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { AuditTable } from '../trust/AuditTable';
import { conversationColumns } from './conversation-columns';
import { browserOf, erasureName, nameOf } from './visitor';
import { VisitorMark } from './VisitorMark';
import styles from './people.module.css';

type Detail = components['schemas']['VisitorDetail'];
type Session = components['schemas']['VisitorSession'];
const root = '/environments/{environment}/visitors';
const sessionsRoot = '/environments/{environment}/sessions';

export const visitorQuery = (environment: string, visitor: string) => resource('/environments/{environment}/visitors/{visitor}', { path: { environment, visitor } });

export function VisitorPage({ environment, visitor }: { environment: string; visitor: string }) {
  const loaded = useQuery(visitorQuery(environment, visitor));
  if (loaded.data) return <One environment={environment} visitor={loaded.data.data} />;
  return loaded.error ? <Page title="Visitor"><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

function One({ environment, visitor }: { environment: string; visitor: Detail }) {
  const mayWrite = useRight('people-write', useEnvironment().productId);
  const path = { environment, visitor: visitor.id };
  const isVerified = visitor.kind === 'verified';
  return (
    <Page title={nameOf(visitor)} isWide actions={(
      <>
        <a className={buttonClass()} href={`/admin/v1/environments/${encodeURIComponent(environment)}/visitors/${encodeURIComponent(visitor.id)}/export`} download={`visitor-${visitor.id}.json`}><Download aria-hidden /> Export</a>
        {mayWrite && isVerified && <Revoke environment={environment} visitor={visitor} />}
        {mayWrite && <Erase environment={environment} visitor={visitor} />}
      </>
    )}>
      <Card>
        <dl className={styles.facts}>
          <div><dt>Proven</dt><dd><VisitorMark kind={visitor.kind} revokedAt={visitor.revokedAt} /></dd></div>
          {visitor.email && <div><dt>E-mail</dt><dd>{visitor.email}</dd></div>}
          {visitor.subject && <div><dt>sub</dt><dd><InlineCode code={visitor.subject} label="Copy sub" /></dd></div>}
          {visitor.issuer && <div><dt>Issuer</dt><dd>{visitor.issuer}</dd></div>}
          <div><dt>First seen</dt><dd><Time at={visitor.firstSeenAt} /></dd></div>
          <div><dt>Last seen</dt><dd><Time at={visitor.lastSeenAt} /></dd></div>
          <div><dt>Conversations</dt><dd>{visitor.counts.conversations.toLocaleString()}</dd></div>
          <div><dt>Sessions</dt><dd>{visitor.counts.sessions.toLocaleString()}{visitor.counts.openSessions > 0 && `, ${visitor.counts.openSessions} open`}</dd></div>
          <div><dt>Id</dt><dd><InlineCode code={visitor.id} label="Copy the id" /></dd></div>
        </dl>
        {visitor.revokedAt && <p className={styles.note}>Every token issued before <Time at={visitor.revokedAt} isExact /> is refused. Whoever signs in anew is let in.</p>}
      </Card>
      <Card isFlush title="Conversations">
        <DataTable label="Conversations" columns={conversationColumns(environment, false)} rowKey={(row) => row.id} query={list('/environments/{environment}/visitors/{visitor}/conversations', { path })}
          empty={<EmptyState icon={<MessagesSquare />} title="No conversation" />} />
      </Card>
      <Card isFlush title="Tools used in their name">
        <AuditTable environment={environment} label="Tool calls" filter={{ visitor: visitor.id, action: 'tool.call' }} empty={<EmptyState icon={<Wrench />} title="No tool has acted for this visitor" />} />
      </Card>
      {isVerified && (
        <Card isFlush title="Sessions" lead="One for each token that was shown: whose it was, and from where.">
          <Sessions environment={environment} visitor={visitor.id} mayWrite={mayWrite} />
        </Card>
      )}
    </Page>
  );
}

function Sessions({ environment, visitor, mayWrite }: { environment: string; visitor: string; mayWrite: boolean }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (session: string) => send(api.DELETE('/environments/{environment}/sessions/{session}', { params: { path: { environment, session } } })),
    onSuccess: async () => {
      toast('The session is over', { description: 'Its token is refused from the next message on.' });
      await forget(client, root, sessionsRoot);
    },
  });
  const columns: readonly Column<Session>[] = [
    { header: 'Began', cell: (row) => <Time at={row.startedAt} /> },
    { header: 'Last seen', cell: (row) => <Time at={row.lastSeenAt} /> },
    { header: 'State', cell: (row) => <Badge kind={row.state === 'open' ? 'good' : row.state === 'revoked' ? 'danger' : 'plain'}>{row.state}</Badge> },
    { header: 'Token', isExtra: true, cell: (row) => <code>{row.token}</code> },
    { header: 'Browser', isExtra: true, cell: (row) => <span title={row.client}>{browserOf(row.client)}</span> },
    ...(mayWrite ? [{
      header: 'Revoke', isActions: true,
      cell: (row: Session) => row.state === 'open' && <Button size="small" className={styles.line} isBusy={revoke.isPending && revoke.variables === row.id} onClick={() => revoke.mutate(row.id)} aria-label={`End the session ${row.id}`}>End</Button>,
    }] : []),
  ];
  return (
    <>
      <Problem of={revoke.error} />
      <DataTable label="Sessions" columns={columns} rowKey={(row) => row.id} query={list('/environments/{environment}/visitors/{visitor}/sessions', { path: { environment, visitor } })}
        empty={<EmptyState icon={<MonitorSmartphone />} title="No session" />} />
    </>
  );
}

function Revoke({ environment, visitor }: { environment: string; visitor: Detail }) {
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const params = { path: { environment, visitor: visitor.id } };
  const read = (): Promise<void> => forget(client, root, sessionsRoot);
  const restore = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/visitors/{visitor}/restore', { params })),
    onSuccess: async () => {
      toast(`${nameOf(visitor)} may go on`, { description: 'Tokens from before count again.' });
      await read();
    },
  });
  const revoke = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/visitors/{visitor}/revoke', { params })),
    onSuccess: async ({ data }) => {
      setIsOpen(false);
      toast(`${nameOf(visitor)} is signed out`, { description: `${plural(data.sessions, 'session')} ended. The next message asks them to sign in.`, undo: () => restore.mutate() });
      await read();
    },
  });
  return (
    <>
      {visitor.revokedAt && <Button isBusy={restore.isPending} onClick={() => restore.mutate()}>Let tokens from before count again</Button>}
      <Button icon={<LogOut aria-hidden />} onClick={() => setIsOpen(true)}>Sign out now</Button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title={`Sign ${nameOf(visitor)} out now?`}>
        <div className="stack">
          <p>Every token issued until now is refused from the next message on, on every device: {plural(visitor.counts.openSessions, 'open session')}. The chat goes on anonymously and asks them to sign in; their history stays.</p>
          <p className="muted">To keep somebody out, end their sign-in at your own app too: a new token lets them in again.</p>
          <Problem of={revoke.error} />
        </div>
        <DialogButtons>
          <Button onClick={() => setIsOpen(false)}>Keep them signed in</Button>
          <Button kind="danger" isBusy={revoke.isPending} onClick={() => revoke.mutate()}>Sign out</Button>
        </DialogButtons>
      </Dialog>
    </>
  );
}

function Erase({ environment, visitor }: { environment: string; visitor: Detail }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const erase = useMutation({
    mutationFn: () => send(api.DELETE('/environments/{environment}/visitors/{visitor}', { params: { path: { environment, visitor: visitor.id } } })),
    onSuccess: async ({ data }) => {
      toast('Erased', { description: `${plural(data.conversations, 'conversation')}, ${plural(data.messages, 'message')}, ${plural(data.sessions, 'session')}; ${plural(data.auditRows, 'audit row')} made anonymous.` });
      await navigate({ to: '/e/$environment/visitors', params: { environment } });
      await forget(client, root, sessionsRoot, '/environments/{environment}/conversations', '/environments/{environment}/audit');
    },
  });
  const { conversations, sessions } = visitor.counts;
  return (
    <>
      <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={() => setIsOpen(true)}>Erase</Button>
      <ConfirmByName isOpen={isOpen} onClose={() => setIsOpen(false)} title={`Erase everything about ${nameOf(visitor)}?`} name={erasureName(visitor)} verb="Erase" onConfirm={() => erase.mutate()} isBusy={erase.isPending} problem={erase.error}>
        <p><strong>{plural(conversations, 'conversation')}</strong> with all messages, <strong>{plural(sessions, 'session')}</strong>, and the visitor are deleted. There is no way back.</p>
        <p>The audit log keeps what happened, with a pseudonym in place of who it was. What your own tools have stored is not touched.</p>
        <p className="muted">They may want their data first: “Export” hands it out as one JSON file.</p>
      </ConfirmByName>
    </>
  );
}
