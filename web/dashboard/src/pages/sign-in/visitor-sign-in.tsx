// SPDX-License-Identifier: Apache-2.0
/** Visitor sign-in: whether a sign-in is asked for, and who may sign tokens. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { KeyRound, LockKeyhole, Plus, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { popupSnippet } from '../../snippets/page';
import { Badge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { EmptyState } from '../../ui/EmptyState';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonRows } from '../../ui/Skeleton';
import { RadioGroup, Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { countInWords, plural } from '../../ui/time';
import { Allowed } from './Allowed';
import { issuersOf, keySetsOf, originsOf, requiredOf, signInOf, type KeySet, type SignInSettings } from './data';
import { providerNames } from './guide';
import { kindOf, summaryOf, type Issuer } from './issuer';
import { stateOf } from './keySetState';
import { useUnsavedGuard } from './guard';
import { Go, issuerLink, useEnvironmentId } from './places';
import styles from './visitor-sign-in.module.css';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(signInOf(environment)), client.ensureQueryData(issuersOf(environment))]);

export default function VisitorSignInPage() {
  const environment = useEnvironmentId();
  const settings = useQuery(signInOf(environment));
  return (
    <Page title="Visitor sign-in" lead="Who the person in the chat is: proven by a token that your own system has signed, checked at every message.">
      <Problem of={settings.error} />
      {settings.data ? <Allowed><Enforcement environment={environment} loaded={settings.data} /></Allowed> : !settings.error && <SkeletonRows />}
      <Issuers environment={environment} />
    </Page>
  );
}

type Loaded = { data: SignInSettings; etag: string | null };

function Enforcement({ environment, loaded }: { environment: string; loaded: Loaded }) {
  const params = { path: { environment } };
  const draft = useDraft({
    loaded,
    toValue: (data: SignInSettings) => data,
    save: (value, etag) => send(api.PUT('/environments/{environment}/sign-in', { params: { ...params, header: ifMatch(etag) }, body: { ...value, signInUrl: value.signInUrl === '' ? null : value.signInUrl } })),
    reload: () => send(api.GET('/environments/{environment}/sign-in', { params })),
    queryKey: signInOf(environment).queryKey,
  });
  useUnsavedGuard(draft.isDirty);
  const { value, set } = draft;
  return (
    <Card title="When a sign-in is asked for">
      <Form problem={draft.problem} onSubmit={draft.save} label="When a sign-in is asked for">
        <div className={styles.enforcement}>
          <RadioGroup
            label={<span className="visually-hidden">Enforcement</span>} value={value.enforcement} onChange={(enforcement) => set({ enforcement })} pointer="/enforcement"
            options={[
              { value: 'off', label: 'Off', help: 'Tokens are ignored: everybody is anonymous.' },
              { value: 'optional', label: 'Optional', help: 'Anonymous visitors may chat. A tool that needs to know who they are asks them to sign in.' },
              { value: 'required', label: 'Required', help: 'Every message waits for a verified visitor.' },
            ]}
          />
          <Required environment={environment} isChosen={value.enforcement === 'required'} wasChosen={loaded.data.enforcement === 'required'} />
        </div>
        <TextField
          label="Sign-in URL" isOptional isMono inputMode="url" placeholder="https://shop.example/sign-in" pointer="/signInUrl" value={value.signInUrl ?? ''} onChange={(signInUrl) => set({ signInUrl: signInUrl === '' ? null : signInUrl })}
          help="Your sign-in page. The chat opens it in a new tab, and takes the token that it posts back from this address’s origin alone. Without it, your page signs visitors in by its own means and calls identify."
        />
        {value.signInUrl && <SignInPageCode environment={environment} />}
        <Switch
          label="What was said before the sign-in comes along" isOn={value.carryAnonymousConversation} onChange={(carryAnonymousConversation) => set({ carryAnonymousConversation })} pointer="/carryAnonymousConversation"
          help="The anonymous conversation becomes the visitor’s own. Off: it ends there."
        />
        <SaveBar draft={draft} />
      </Form>
    </Card>
  );
}

/** What the registered sign-in page does at its end. */
function SignInPageCode({ environment }: { environment: string }) {
  const { data } = useQuery(originsOf(environment));
  const origin = data?.data.origins.find((one) => one !== '*') ?? 'https://shop.example';
  return (
    <details>
      <summary>The code for that page</summary>
      <Code title="your sign-in page" code={popupSnippet(origin)} />
    </details>
  );
}

/** What "required" would have refused within the last day, by reason: whether it can be switched on without harm. */
function Required({ environment, isChosen, wasChosen }: { environment: string; isChosen: boolean; wasChosen: boolean }) {
  const { data, error } = useQuery(requiredOf(environment));
  if (error || !data) return <Problem of={error} />;
  const { messages, wouldBeRefused, byReason } = data.data;
  return (
    <div className={`${styles.required} ${isChosen && !wasChosen && wouldBeRefused > 0 ? styles.warns : ''}`}>
      <p className={styles.count}>
        {messages === 0 ? 'No message in the last 24 hours.' : wouldBeRefused === 0
          ? <>“Required” would have refused <strong>none</strong> of the last day’s {plural(messages, 'message')}.</>
          : <>“Required” would have refused <strong>{countInWords(wouldBeRefused)}</strong> of the last day’s {plural(messages, 'message')}:</>}
      </p>
      {byReason.length > 0 && (
        <table>
          <thead className="visually-hidden"><tr><th scope="col">Messages</th><th scope="col">Reason</th></tr></thead>
          <tbody>
            {byReason.map(({ reason, detail, message, count }) => (
              <tr key={`${reason} ${detail}`}>
                <td className={styles.number}>{countInWords(count)}</td>
                <td><code>{reason}</code> <span className="muted">{message}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {messages === 0 && <p className="muted">Leave it at “optional” for a day, and see here what would be refused.</p>}
    </div>
  );
}

function Issuers({ environment }: { environment: string }) {
  const { data, error } = useQuery(issuersOf(environment));
  const sets = useQuery(keySetsOf(environment));
  const issuers = data?.data.items as Issuer[] | undefined;
  const ways: ReactNode = (
    <div className="row">
      <Go environment={environment} place={{ to: 'identity-federation' }} kind="secondary"><KeyRound aria-hidden />Shared secret</Go>
      <Go environment={environment} place={{ to: 'federation' }} kind="secondary"><ShieldCheck aria-hidden />Identity provider</Go>
      <Go environment={environment} place={{ to: 'new-issuer' }} kind="secondary"><LockKeyhole aria-hidden />JWT + JWKS</Go>
    </div>
  );
  return (
    <Card
      title="Issuers" lead="Who may sign visitors’ tokens. Several side by side, while you move from one to another: a token is judged by the issuer that it names."
      footer={issuers && issuers.length > 0 ? <><span className="row muted"><Plus aria-hidden />Add an issuer:</span>{ways}</> : undefined}
    >
      <Problem of={error} />
      {!issuers && !error && <SkeletonRows />}
      {issuers?.length === 0 && (
        <EmptyState icon={<KeyRound />} title="Nobody may sign tokens yet" action={ways}>
          <p>Until somebody may, every visitor is anonymous. Not sure which way is yours? <Go environment={environment} place={{ to: 'start' }}>Three questions</Go> tell.</p>
        </EmptyState>
      )}
      {issuers && issuers.length > 0 && (
        <ul className={styles.issuers}>
          {issuers.map((issuer) => <IssuerTile key={issuer.name} environment={environment} issuer={issuer} keySet={sets.data?.data.items.find((one) => one.issuer === issuer.name)} />)}
        </ul>
      )}
    </Card>
  );
}

const kindNames = { hmac: 'Shared secret', 'key-set': 'JWT + JWKS', provider: 'Identity provider' } as const;

function IssuerTile({ environment, issuer, keySet }: { environment: string; issuer: Issuer; keySet: KeySet | undefined }) {
  const kind = kindOf(issuer);
  const state = keySet && stateOf(keySet);
  const names = Object.keys(issuer.mapping ?? {});
  return (
    <li className={styles.issuer}>
      <div className={styles.issuerHead}>
        <h3><Go environment={environment} place={issuerLink(issuer.name)}>{issuer.name}</Go></h3>
        <Badge kind={kind === 'hmac' ? 'brass' : 'plain'}>{issuer.provider ? providerNames[issuer.provider.id] : kindNames[kind]}</Badge>
      </div>
      <p className={styles.summary}>{summaryOf(issuer)}</p>
      <dl className={styles.facts}>
        <div><dt>Audience</dt><dd>{issuer.audiences?.join(', ') ?? (issuer.provider ? 'by the provider’s rules' : 'not checked')}</dd></div>
        <div><dt>Passed on</dt><dd>{names.length > 0 ? names.join(', ') : 'every claim'}</dd></div>
        {state && <div><dt>Keys</dt><dd><Badge kind={state.kind}>{state.words}</Badge></dd></div>}
      </dl>
    </li>
  );
}
