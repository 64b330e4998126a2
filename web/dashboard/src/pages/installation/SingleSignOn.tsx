// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import type { ApiProblem } from '../../api/problem';
import type { components } from '../../api/schema.generated';
import { sessionQuery } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Form } from '../../ui/form';
import { LinesField } from '../../ui/LinesField';
import { SaveBar } from '../../ui/SaveBar';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { fromDraft, toDraft, type SingleSignOnForm } from './single-sign-on';

type Settings = components['schemas']['SingleSignOn'];

const read = async (): Promise<Versioned<Settings | null>> => {
  try {
    return await send(api.GET('/settings/single-sign-on'));
  } catch (error) {
    if ((error as ApiProblem).status === 404) return { data: null, etag: null }; // none is set up
    throw error;
  }
};
export const singleSignOnQuery = queryOptions({ queryKey: ['/settings/single-sign-on', null], queryFn: read });

const defaultRoles = [{ value: '', label: 'nobody gets in without an invitation' }, { value: 'viewer', label: 'viewer of all products' }, { value: 'developer', label: 'developer of all products' }, { value: 'admin', label: 'admin of all products' }] as const;

/** How administrators sign in with the company's own provider. */
export function SingleSignOn() {
  const client = useQueryClient();
  const loaded = useSuspenseQuery(singleSignOnQuery).data;
  const [isRemoving, setIsRemoving] = useState(false);
  const refresh = () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  const draft = useDraft<Settings | null, SingleSignOnForm>({
    loaded,
    toValue: toDraft,
    save: (value, etag) => send(api.PUT('/settings/single-sign-on', { params: etag ? { header: ifMatch(etag) } : {}, body: fromDraft(value) } as never)) as Promise<Versioned<Settings>>,
    reload: read,
    queryKey: singleSignOnQuery.queryKey,
    onSaved: () => (refresh(), toast('Single sign-on is set up')),
  });
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/settings/single-sign-on', { params: { header: ifMatch(loaded) } })),
    onSuccess: () => (setIsRemoving(false), void client.invalidateQueries({ queryKey: singleSignOnQuery.queryKey }), refresh(), toast('Single sign-on is removed')),
  });
  const { value, set } = draft;
  const redirectUri = loaded.data?.redirectUri ?? `${location.origin}/admin/v1/session/single-sign-on/callback`;
  return (
    <Card title="Single sign-on of administrators" lead="OpenID Connect with your company’s provider. Its discovery document is read and checked before anything is saved."
      actions={loaded.data && <Button size="small" kind="danger" onClick={() => setIsRemoving(true)}>Remove…</Button>}>
      <Form problem={draft.problem} onSubmit={draft.save}>
        <Code title="Redirect URI, to be registered with the provider exactly so" code={redirectUri} isWrapped />
        <TextField label="Issuer" pointer="/issuer" type="url" isMono value={value.issuer} onChange={(issuer) => set({ issuer })} placeholder="https://login.acme.example" help="Where /.well-known/openid-configuration is found below." />
        <TextField label="Client ID" pointer="/clientId" isMono value={value.clientId} onChange={(clientId) => set({ clientId })} autoComplete="off" />
        <TextField label="Client secret" pointer="/clientSecret" type="password" value={value.clientSecret} onChange={(clientSecret) => set({ clientSecret })} autoComplete="off"
          isOptional={!loaded.data?.hasClientSecret} placeholder={loaded.data?.hasClientSecret ? 'kept; write a new one to replace it' : ''} help="It is never shown again." />
        <TextField label="Label" pointer="/label" value={value.label} onChange={(label) => set({ label })} maxLength={60} placeholder="Acme SSO" help="On the button: “Sign in with …”." />
        <LinesField label="E-mail domains" pointer="/emailDomains" value={value.emailDomains} onChange={(emailDomains) => set({ emailDomains })} placeholder="acme.example" isOptional help="One a line. Only addresses of these domains get in; they must be verified by the provider." />
        <Select label="Somebody new becomes" pointer="/defaultRole" value={value.defaultRole} onChange={(defaultRole) => set({ defaultRole })} options={defaultRoles} />
        <TextField label="Claim with roles" pointer="/roleMapping/claim" isMono isOptional value={value.claim} onChange={(claim) => set({ claim })} placeholder="groups" help="The provider’s groups may decide the role instead." />
        {value.claim !== '' && (
          <LinesField label="Its values" pointer="/roleMapping/roles" value={value.roles} onChange={(roles) => set({ roles })} placeholder="chat-admins = admin" help="One a line: value = admin, developer or viewer." error={value.roles.some((line) => !/^.+=\s*(?:admin|developer|viewer)$/.test(line)) ? 'Each line is a value, =, and admin, developer or viewer.' : null} />
        )}
        <Switch label="Only single sign-on" help="Passwords are switched off for everybody. Sign in by single sign-on once yourself, before you do this." pointer="/isPasswordOff" isOn={value.isPasswordOff} onChange={(isPasswordOff) => set({ isPasswordOff })} />
        <SaveBar draft={draft} verb={loaded.data ? 'Save' : 'Set up'} />
      </Form>
      <ConfirmByName isOpen={isRemoving} onClose={() => (setIsRemoving(false), remove.reset())} title="Remove single sign-on?" name={loaded.data?.label ?? ''} verb="Remove" onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>Whoever has no password or passkey cannot sign in until an owner makes them a link. Open sessions stay.</p>
      </ConfirmByName>
    </Card>
  );
}
