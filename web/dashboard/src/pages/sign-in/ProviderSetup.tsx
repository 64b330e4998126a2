// SPDX-License-Identifier: Apache-2.0
/** Connecting an identity provider: its few fields, what they come to, and for those that need it a lookup or a confirmation,
 * all of it before anything is saved. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { api, send } from '../../api/client';
import { toProblem, type ApiProblem } from '../../api/problem';
import { forget } from '../../api/resource';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextArea, TextField } from '../../ui/TextField';
import { Verdict } from '../../ui/Verdict';
import { useIssuers, type IssuerPreview, type Provider } from './data';
import { useUnsavedGuard } from './guard';
import { freeName, problemOfName, type Issuer, type ProviderSettings } from './issuer';
import { tokenIn } from './paste';
import { isFilledIn, ProviderFields } from './ProviderFields';
import styles from './ProviderSetup.module.css';
import { Ticked } from './Ticked';

interface ProviderSetupProps {
  environment: string;
  provider: Provider;
  onSaved: (name: string) => void;
  children?: ReactNode;
}

interface Found {
  of: string;
  preview: IssuerPreview | null;
  problem: ApiProblem | null;
}

export function ProviderSetup({ environment, provider, onSaved, children }: ProviderSetupProps) {
  const { issuers } = useIssuers(environment);
  const taken = issuers?.map((one) => one.name) ?? [];
  const [typedName, setTypedName] = useState<string | null>(null);
  const [settings, setSettings] = useState<ProviderSettings>({ id: provider.id, fields: {} });
  const [confirmed, setConfirmed] = useState<string | null>(null);
  const [pasted, setPasted] = useState('');
  const name = typedName ?? freeName(provider.id, taken);
  const issuer: Issuer = {
    name, mode: 'key-set', ...(confirmed !== null ? { issuer: confirmed } : {}),
    provider: { id: settings.id, fields: Object.fromEntries(Object.entries(settings.fields).map(([field, value]) => [field, value.trim()])), ...(settings.offlineAccess ? { offlineAccess: true } : {}) },
  };
  const token = provider.needs === 'confirmation' && pasted !== '' ? tokenIn(pasted) : null;
  const isFilled = isFilledIn(provider, settings.fields);
  const { found, isLooking, look } = usePreview(environment, issuer, token, isFilled, provider.needs !== 'discovery');
  const { preview, problem } = found;

  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (body: Issuer) => send(api.POST('/environments/{environment}/issuers', { params: { path: { environment } }, body: body as never })),
    onSuccess: async (_, body) => {
      await forget(client, '/environments/{environment}/');
      onSaved(body.name);
    },
  });
  const isTyped = Object.values(settings.fields).some((value) => value !== '');
  useUnsavedGuard(isTyped && !create.isSuccess && !create.isPending);
  const wrongName = problemOfName(name, create.isSuccess ? [] : taken);
  const save = () => {
    if (wrongName === null && preview?.issuer && preview.isUsable) create.mutate(preview.issuer as unknown as Issuer);
  };
  // A problem with a field appears at the field; the preview's pointers begin at the request.
  const refused = previewProblem(preview) ?? create.error;
  return (
    <Form problem={refused} onSubmit={preview?.isUsable ? save : look} label={`Connect ${provider.name}`}>
      <ProviderFields
        provider={provider} value={settings} pointer="/issuer/provider"
        onChange={(next) => {
          setSettings(next);
          setConfirmed(null);
        }}
      />
      <TextField label="Name" isMono pointer="/name" value={name} onChange={setTypedName} error={wrongName} help="Yours, for the log and the audit." />
      {provider.needs === 'discovery' && !preview?.isUsable && (
        <div className="row">
          <Button type="submit" kind="primary" icon={<Search aria-hidden />} isBusy={isLooking} disabled={!isFilled}>Look it up</Button>
          <span className="muted">The provider’s metadata is fetched and shown before anything is saved.</span>
        </div>
      )}
      {provider.needs === 'confirmation' && isFilled && confirmed === null && (
        <TextArea
          label="A token of this pool" isMono rows={4} value={pasted} onChange={setPasted} autoComplete="off" placeholder="eyJraWQiOi…"
          help="The domain does not say which user pool it belongs to; any token does. Sign in to your app once and paste the token. It is read and forgotten."
        />
      )}
      <Problem of={problem} />
      {preview && preview.problems.length > 0 && !(provider.needs === 'confirmation' && (token === null || preview.confirmation)) && <Problems preview={preview} />}
      {preview?.confirmation && confirmed === null && (
        <Verdict
          kind="warning" title="Is this your user pool?"
          action={<Button kind="primary" onClick={() => setConfirmed(preview.confirmation!.issuer)}>Yes, take its tokens</Button>}
        >
          <p>The token names it. From then on tokens of this pool are taken, and of no other.</p>
          <dl className={styles.facts}>
            <div><dt>User pool</dt><dd><code>{preview.confirmation.userPoolId}</code></dd></div>
            <div><dt>Region</dt><dd><code>{preview.confirmation.region}</code></dd></div>
            <div><dt>Issuer</dt><dd><code>{preview.confirmation.issuer}</code></dd></div>
          </dl>
        </Verdict>
      )}
      {preview?.isUsable && <Expanded preview={preview} />}
      <Problem of={create.error} />
      <div className="row">
        {preview?.isUsable && <Button type="submit" kind="primary" isBusy={create.isPending} disabled={wrongName !== null}>Save</Button>}
        {children}
      </div>
    </Form>
  );
}

/** The draft as the server understands it: by itself while one types, or only when asked, where it fetches something. */
function usePreview(environment: string, issuer: Issuer, token: string | null, isFilled: boolean, isByItself: boolean) {
  const [found, setFound] = useState<Found>({ of: '', preview: null, problem: null });
  const [isLooking, setLooking] = useState(false);
  const of = JSON.stringify({ issuer, token });
  const look = async (signal?: AbortSignal) => {
    if (!isFilled) return;
    setLooking(true);
    try {
      const { data } = await send(api.POST('/environments/{environment}/issuers/preview', { params: { path: { environment } }, body: { issuer: issuer as never, token }, ...(signal ? { signal } : {}) }));
      if (!signal?.aborted) setFound({ of, preview: data, problem: null });
    } catch (error) {
      if (!signal?.aborted) setFound({ of, preview: null, problem: toProblem(error) });
    } finally {
      if (!signal?.aborted) setLooking(false);
    }
  };
  useEffect(() => {
    if (!isByItself || !isFilled) return undefined;
    const mine = new AbortController();
    const timer = setTimeout(() => void look(mine.signal), 250);
    return () => {
      clearTimeout(timer);
      mine.abort();
    };
  }, [environment, of, isFilled, isByItself]);
  const isCurrent = found.of === of && isFilled;
  return { found: isCurrent ? found : { of: '', preview: null, problem: null }, isLooking, look: () => void look() };
}

/** What is wrong with the draft, in the shape by which a form's fields show it. */
function previewProblem(preview: IssuerPreview | null): ApiProblem | null {
  const errors = preview?.problems.filter((one) => one.pointer.startsWith('/issuer/provider/fields/')) ?? [];
  return errors.length > 0 ? ({ errors, status: 422 } as unknown as ApiProblem) : null;
}

function Problems({ preview }: { preview: IssuerPreview }) {
  const others = preview.problems.filter((one) => !one.pointer.startsWith('/issuer/provider/fields/'));
  return others.map((one) => (
    <Verdict key={`${one.code} ${one.pointer}`} kind="bad" title={one.detail} code={one.code}>{one.fix && <p><strong>What to do:</strong> {one.fix}</p>}</Verdict>
  ));
}

/** What the fields come to. */
function Expanded({ preview }: { preview: IssuerPreview }) {
  const { expanded, discovery } = preview;
  if (!expanded) return null;
  return (
    <Verdict kind="good" title={discovery ? 'Found' : 'This is what it comes to'}>
      <dl className={styles.facts}>
        {discovery && <div><dt>Metadata</dt><dd><code>{discovery.url}</code></dd></div>}
        <div><dt>Issuer</dt><dd><code>{expanded.issuer ?? 'not checked'}</code>{expanded.otherIssuers.map((one) => <code key={one}>, {one}</code>)}</dd></div>
        <div><dt>Key set</dt><dd><code>{expanded.keySetUrl ?? 'none'}</code></dd></div>
        {expanded.audiences.length > 0 && <div><dt>Audience</dt><dd><code>{expanded.audiences.join(', ')}</code></dd></div>}
        <div><dt>Algorithms</dt><dd>{expanded.algorithms.map((one) => <Badge key={one}>{one}</Badge>)}</dd></div>
      </dl>
      {expanded.rules.length > 0 && <ul className={styles.rules}>{expanded.rules.map((rule) => <li key={rule}><Ticked text={rule} /></li>)}</ul>}
      {discovery && !discovery.offersPkceS256 && <p>It does not announce PKCE with S256.</p>}
    </Verdict>
  );
}
