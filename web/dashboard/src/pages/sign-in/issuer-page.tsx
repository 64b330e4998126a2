// SPDX-License-Identifier: Apache-2.0
/** One issuer: its keys, what its tokens must say, and what of them is passed on. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import { useEnvironment } from '../../api/environment';
import { forget } from '../../api/resource';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonPage } from '../../ui/Skeleton';
import { toast } from '../../ui/Toast';
import { Allowed } from './Allowed';
import { issuerOf, providersOf } from './data';
import { useUnsavedGuard } from './guard';
import { providerNames } from './guide';
import { kindOf, tidy, type Issuer } from './issuer';
import { ClaimRuleFields, FurtherFields, KeyFields } from './IssuerFields';
import { MappingEditor } from './MappingEditor';
import { Go, hrefOf, useEnvironmentId } from './places';
import { ProviderFields } from './ProviderFields';
import { TokenTester } from './TokenTester';

export const prefetch = (client: QueryClient, { environment = '', issuer = '' }: Record<string, string>) =>
  client.ensureQueryData(issuerOf(environment, issuer));

export default function IssuerPage() {
  const environment = useEnvironmentId();
  const { issuer: name } = useParams({ strict: false }) as { issuer: string };
  const { data, error } = useQuery(issuerOf(environment, name));
  if (!data) return error ? <Page title={name}><Problem of={error} /></Page> : <SkeletonPage />;
  return <Editor key={name} environment={environment} name={name} loaded={data as unknown as Versioned<Issuer>} />;
}

/** The field that a fix has led to. */
function useFieldOfAddress() {
  const { hash } = useLocation();
  useEffect(() => {
    if (!hash) return;
    const field = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(hash)}"], [id="${CSS.escape(hash)}"]`);
    field?.focus();
    field?.scrollIntoView({ block: 'center' });
  }, [hash]);
}

function Editor({ environment, name, loaded }: { environment: string; name: string; loaded: Versioned<Issuer> }) {
  const client = useQueryClient();
  const params = { path: { environment, name } };
  const draft = useDraft({
    loaded,
    toValue: (data: Issuer) => data,
    save: (value, etag) => send(api.PUT('/environments/{environment}/issuers/{name}', { params: { ...params, header: ifMatch(etag) }, body: tidy(value) as never })) as Promise<Versioned<Issuer>>,
    reload: () => send(api.GET('/environments/{environment}/issuers/{name}', { params })) as Promise<Versioned<Issuer>>,
    queryKey: issuerOf(environment, name).queryKey,
    onSaved: () => void forget(client, '/environments/{environment}/'),
  });
  useUnsavedGuard(draft.isDirty);
  useFieldOfAddress();
  const mayChange = useRight('configure', useEnvironment().productId);
  const { value, set } = draft;
  const kind = kindOf(loaded.data);
  const providers = useQuery({ ...providersOf(), enabled: kind === 'provider' });
  const provider = providers.data?.data.items.find((one) => one.id === value.provider?.id);
  return (
    <Page
      title={name} lead={<Go environment={environment} place={{ to: 'sign-in' }}>Visitor sign-in</Go>}
      actions={<><Badge kind={kind === 'hmac' ? 'brass' : 'plain'}>{value.provider ? providerNames[value.provider.id] : kind === 'hmac' ? 'Shared secret' : 'JWT + JWKS'}</Badge>{mayChange && <Remove environment={environment} issuer={loaded} />}</>}
    >
      <Allowed>
        <Form problem={draft.problem} onSubmit={draft.save} label={`Settings of ${name}`}>
          <Card title="Whose tokens" lead={kind === 'hmac' ? <>Tokens signed with the secret that your backend shares: <Go environment={environment} place={{ to: 'identity-federation', issuer: name }}>its secrets</Go>.</> : undefined}>
            {kind === 'provider' && value.provider && (provider ? <ProviderFields provider={provider} value={value.provider} onChange={(next) => set({ provider: next })} /> : <Problem of={providers.error} />)}
            {kind === 'key-set' && <KeyFields value={value} set={set} />}
            {kind !== 'provider' && <ClaimRuleFields value={value} set={set} />}
            <FurtherFields value={value} set={set} isProvider={kind === 'provider'} />
          </Card>
          <Card title="What is passed on" lead="What the assistant and your tools get to know of the visitor. They see this and nothing else.">
            <MappingEditor environment={environment} value={value.mapping} onChange={(mapping) => set({ mapping })} permissionClaims={value.permissionClaims} provider={value.provider?.id ?? null} />
          </Card>
          <SaveBar draft={draft} />
        </Form>
        <Card title="Test a token" lead={draft.isDirty ? 'By what is saved, not by the changes above.' : 'By these settings.'}>
          <TokenTester environment={environment} issuers={[name]} issuer={name} isBrief />
        </Card>
      </Allowed>
    </Page>
  );
}

function Remove({ environment, issuer }: { environment: string; issuer: Versioned<Issuer> }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name } = issuer.data;
  const bring = async () => {
    await send(api.POST('/environments/{environment}/issuers', { params: { path: { environment } }, body: issuer.data as never }));
    await forget(client, '/environments/{environment}/');
    toast(`${name} is back`);
  };
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/environments/{environment}/issuers/{name}', { params: { path: { environment, name }, header: ifMatch(issuer) } })),
    onSuccess: async () => {
      await navigate({ to: hrefOf(environment, { to: 'sign-in' }) });
      client.removeQueries({ queryKey: issuerOf(environment, name).queryKey });
      await forget(client, '/environments/{environment}/');
      toast(`${name} may sign no tokens any more`, kindOf(issuer.data) === 'hmac' ? {} : { undo: () => void bring() });
    },
  });
  return (
    <>
      <Button kind="danger" size="small" icon={<Trash2 aria-hidden />} onClick={() => setOpen(true)}>Remove</Button>
      <ConfirmByName isOpen={isOpen} onClose={() => setOpen(false)} title={`Remove the issuer ${name}?`} name={name} verb="Remove it" onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>Its tokens are refused from now on. Whoever is signed in by one is anonymous at the next message; the chat goes on, and asks to sign in where a tool needs it.</p>
        {kindOf(issuer.data) === 'hmac' && <p>Its secrets verify nothing any more.</p>}
      </ConfirmByName>
    </>
  );
}
