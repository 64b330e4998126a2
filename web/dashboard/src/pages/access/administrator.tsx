// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { useParam } from '../../api/environment';
import { forget, resource } from '../../api/resource';
import { sessionQuery, useRight, useSession } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { Checkbox } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { Time } from '../../ui/Time';
import { plural } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { toGrants, type NamedGrant } from './grants';
import { GrantsField } from './GrantsField';
import { InvitationLink, type Made } from './InvitationLink';

const administratorQuery = (administrator: string) => resource('/admins/{administrator}', { path: { administrator } });
export const prefetch = (client: QueryClient, { administrator = '' }: Record<string, string>) => client.ensureQueryData(administratorQuery(administrator));

/** One administrator: name, roles, a new link, and the end. */
export default function AdministratorPage() {
  const id = useParam('administrator');
  const { data: person } = useSuspenseQuery(administratorQuery(id)).data;
  const isOwner = useRight('own');
  const isMe = useSession()?.administrator?.id === id;
  return (
    <Page title={person.name} lead={<>{person.email} · {person.state === 'invited' ? person.invitationExpiresAt ? <>invited, the link ends <Time at={person.invitationExpiresAt} /></> : <>invited; the link has ended with the new roles, make another</> : <>last signed in <Time at={person.lastSignInAt} /></>}</>}
      actions={person.state === 'invited' ? <Badge kind="brass">invited</Badge> : null}>
      <Roles administrator={id} />
      {(isOwner || person.state === 'invited') && !isMe && <Link administrator={id} isInvited={person.state === 'invited'} name={person.name} hasSecond={person.hasTotp || person.passkeyCount > 0} />}
      {isOwner && !isMe && <Remove administrator={id} />}
    </Page>
  );
}

function Roles({ administrator }: { administrator: string }) {
  const client = useQueryClient();
  const query = administratorQuery(administrator);
  const path = { path: { administrator } };
  const draft = useDraft({
    loaded: useSuspenseQuery(query).data,
    toValue: ({ name, roles }) => ({ name, roles: roles as NamedGrant[] }),
    save: ({ name, roles }, etag) => send(api.PATCH('/admins/{administrator}', { params: { ...path, header: ifMatch(etag) }, body: { name: name.trim(), roles: toGrants(roles) } })),
    reload: () => send(api.GET('/admins/{administrator}', { params: path })),
    queryKey: query.queryKey,
    onSaved: () => (void forget(client, '/admins'), void client.invalidateQueries({ queryKey: sessionQuery.queryKey }), toast('Saved')),
  });
  return (
    <Card title="Name and roles">
      <Form problem={draft.problem} onSubmit={draft.save}>
        <TextField label="Name" pointer="/name" value={draft.value.name} onChange={(name) => draft.set({ name })} maxLength={100} autoComplete="off" />
        <GrantsField value={draft.value.roles} onChange={(roles) => draft.set({ roles })} />
        <SaveBar draft={draft} />
      </Form>
    </Card>
  );
}

function Link({ administrator, isInvited, name, hasSecond }: { administrator: string; isInvited: boolean; name: string; hasSecond: boolean }) {
  const client = useQueryClient();
  const [made, setMade] = useState<Made | null>(null);
  const [removeSecondFactor, setRemoveSecondFactor] = useState(false);
  const renew = useMutation({
    mutationFn: async () => (await send(api.POST('/admins/{administrator}/invitation', { params: { path: { administrator } }, body: { removeSecondFactor } }))).data.invitation,
    onSuccess: ({ token, expiresAt }) => (setMade({ name, token, expiresAt, isReset: !isInvited }), void forget(client, '/admins')),
  });
  return (
    <Card title={isInvited ? 'A new invitation' : 'A link to set a new password'} lead={isInvited ? 'The old link ends when you make a new one.' : 'For somebody who is locked out. The old password works until the link is used.'}>
      {made ? <InvitationLink of={made} onStored={() => setMade(null)} /> : (
        <>
          {!isInvited && hasSecond && <Checkbox label="Remove the second factor too" help="One-time codes, recovery codes and passkeys go when the link is used: for somebody who has lost them." isOn={removeSecondFactor} onChange={setRemoveSecondFactor} />}
          <div className="row"><Button onClick={() => renew.mutate()} isBusy={renew.isPending}>Make the link</Button></div>
        </>
      )}
      <Problem of={renew.error} />
    </Card>
  );
}

function Remove({ administrator }: { administrator: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setIsAsked] = useState(false);
  const { data: person, etag } = useSuspenseQuery(administratorQuery(administrator)).data;
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/admins/{administrator}', { params: { path: { administrator }, header: ifMatch(etag) } })),
    onSuccess: async () => {
      await navigate({ to: '/admins' });
      await forget(client, '/admins');
      toast(`${person.name} is removed`);
    },
  });
  return (
    <Card title="Remove" kind="danger" lead="Signs them out everywhere and ends their passkeys and API tokens." actions={<Button kind="danger" onClick={() => setIsAsked(true)}>Remove…</Button>}>
      <ConfirmByName isOpen={isAsked} onClose={() => (setIsAsked(false), remove.reset())} title={`Remove ${person.name}?`} name={person.email} verb="Remove administrator"
        onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>
          {person.name} loses {plural(person.roles.length, 'role')}{person.passkeyCount > 0 && <>, {plural(person.passkeyCount, 'passkey')}</>}, every session and every API token at once; scripts that use those tokens stop.
          What they did stays in the audit.
        </p>
      </ConfirmByName>
    </Card>
  );
}
