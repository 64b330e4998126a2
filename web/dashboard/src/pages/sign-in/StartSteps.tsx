// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Check, Circle, CircleDot } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { providersOf, secretsOf, someoneOf, useIssuers } from './data';
import type { Advice } from './guide';
import { freeName, kindOf, type Issuer } from './issuer';
import { KeySetSetup } from './KeySetSetup';
import { useNewSigner } from './new-signer';
import { PageCode } from './PageCode';
import { PageChecklist } from './PageChecklist';
import { Go, issuerLink } from './places';
import { statesOf, type Progress, type StepState } from './progress';
import { ProviderSetup } from './ProviderSetup';
import { isInUse, secretsOfIssuer } from './secrets';
import { SecretSetup } from './SecretSetup';
import { SigningCode } from './SigningCode';
import styles from './start.module.css';
import { TokenTester } from './TokenTester';

export interface StartStepsProps {
  environment: string;
  advice: Advice;
  progress: Progress;
  change: (part: Partial<Progress>) => void;
}

/** Whether this issuer is one that the advice would have made. */
const isOfAdvice = (issuer: Issuer, advice: Advice): boolean => kindOf(issuer) === advice.mode && (advice.mode !== 'provider' || issuer.provider?.id === advice.provider);

/** The steps of one advice, to a verified token and a first verified message. */
export default function StartSteps({ environment, advice, progress, change }: StartStepsProps) {
  const { issuers, problem } = useIssuers(environment);
  const secrets = useQuery(secretsOf(environment));
  const someone = useQuery(someoneOf(environment, 'verified'));
  const [isStored, setStored] = useState(false);
  if (!issuers) return problem ? <Problem of={problem} /> : <SkeletonRows count={5} />;
  const issuer = issuers.find((one) => one.name === progress.issuer) ?? null;
  const candidates = issuers.filter((one) => isOfAdvice(one, advice));
  const hasSecret = issuer !== null && secretsOfIssuer(secrets.data?.data.items ?? [], issuer.name).some(isInUse);
  const verified = <TokenTester environment={environment} issuers={issuer ? [issuer.name] : []} issuer={issuer?.name ?? null} isBrief onVerified={() => change({ isVerified: true })} />;
  const steps: { title: string; isDone: boolean; content: ReactNode }[] = [];
  const hold = (name: string) => change({ issuer: name, isVerified: false });
  const choose = issuer === null && candidates.length > 0 && <Chosen candidates={candidates} onChoose={hold} />;

  if (advice.mode === 'hmac') {
    steps.push({
      title: 'A secret that your backend and Chatelaine share',
      isDone: hasSecret,
      content: issuer ? <SecretSetup environment={environment} issuer={issuer.name} isFull /> : <>{choose}<FirstSigner environment={environment} taken={issuers.map((one) => one.name)} onMade={hold} /></>,
    });
    steps.push({
      title: 'Your backend signs a token',
      isDone: isStored || progress.isVerified,
      content: <><SigningCode issuer={issuer} /><div><Button onClick={() => setStored(true)}>It is in my backend</Button></div></>,
    });
  } else {
    steps.push({
      title: advice.mode === 'provider' ? 'What your provider’s dashboard says' : 'Where your keys are',
      isDone: issuer !== null,
      content: issuer ? <p>Saved as <Go environment={environment} place={issuerLink(issuer.name)}>{issuer.name}</Go>.</p> : (
        <>
          {choose}
          {advice.mode === 'provider' ? <ProviderStep environment={environment} id={advice.provider!} onSaved={hold} /> : <KeySetSetup environment={environment} isNarrow={advice.isNarrow} onSaved={hold} />}
        </>
      ),
    });
  }
  steps.push({ title: 'A real token verifies', isDone: progress.isVerified, content: issuer ? verified : <p className="muted">First the step above.</p> });
  steps.push({
    title: advice.delivery === 'server' ? 'Your server speaks for the page' : 'The chat on your page',
    isDone: progress.isVerified && Boolean(someone.data?.data.items.length),
    content: (
      <>
        <PageCode environment={environment} source={advice.mode === 'provider' ? advice.provider! : 'backend'} fields={issuer?.provider?.fields ?? {}} isForServer={advice.delivery === 'server'} />
        <PageChecklist environment={environment} isForServer={advice.delivery === 'server'} />
      </>
    ),
  });
  const states = statesOf(steps.map((step) => step.isDone));
  return (
    <>
      <p className={styles.summary}><Badge kind="good">{advice.title}</Badge><span className="muted">{states.includes('now') ? `Step ${states.indexOf('now') + 1} of ${steps.length}. You can leave and come back: this browser remembers where you were.` : 'All done: the chat knows who it is talking to.'}</span></p>
      <ol className={styles.steps}>
        {steps.map((step, at) => <Step key={step.title} number={at + 1} title={step.title} state={states[at]!}>{step.content}</Step>)}
      </ol>
    </>
  );
}

const glyphs = { done: Check, now: CircleDot, later: Circle } as const;
const stateWords = { done: 'done', now: 'next', later: 'later' } as const;

function Step({ number, title, state, children }: { number: number; title: string; state: StepState; children: ReactNode }) {
  const [isOpen, setOpen] = useState<boolean | null>(null);
  const Glyph = glyphs[state];
  const shown = isOpen ?? state === 'now';
  // A step that was just done stays open: what it shows (a secret, a verdict) is still being read.
  const [wasOpen, setWasOpen] = useState(shown);
  if (shown && !wasOpen) setWasOpen(true);
  const isShown = isOpen ?? (shown || (wasOpen && state === 'done'));
  return (
    <li className={`${styles.step} ${styles[state]}`}>
      <h2>
        <button type="button" className={styles.head} aria-expanded={isShown} onClick={() => setOpen(!isShown)}>
          <Glyph aria-hidden />
          <span>{number}. {title}</span>
          <span className="visually-hidden"> ({stateWords[state]})</span>
        </button>
      </h2>
      {isShown && <div className={styles.body}>{children}</div>}
    </li>
  );
}

function Chosen({ candidates, onChoose }: { candidates: readonly Issuer[]; onChoose: (name: string) => void }) {
  return (
    <div className="row">
      <span className="muted">Set up already:</span>
      {candidates.map((one) => <Button key={one.name} size="small" onClick={() => onChoose(one.name)}>Go on with {one.name}</Button>)}
    </div>
  );
}

function FirstSigner({ environment, taken, onMade }: { environment: string; taken: readonly string[]; onMade: (name: string) => void }) {
  const create = useNewSigner(environment, onMade);
  return (
    <>
      <p>Chatelaine makes 32 random bytes. Your backend signs with them, Chatelaine verifies with them, and no browser ever sees them.</p>
      <Problem of={create.error} />
      <div><Button kind="primary" isBusy={create.isPending} onClick={() => create.mutate(freeName('app', taken))}>Begin</Button></div>
    </>
  );
}

function ProviderStep({ environment, id, onSaved }: { environment: string; id: string; onSaved: (name: string) => void }) {
  const { data, error } = useQuery(providersOf());
  const provider = data?.data.items.find((one) => one.id === id);
  if (!provider) return error ? <Problem of={error} /> : <SkeletonRows />;
  return <ProviderSetup environment={environment} provider={provider} onSaved={onSaved} />;
}
