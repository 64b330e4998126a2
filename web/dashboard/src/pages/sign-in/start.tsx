// SPDX-License-Identifier: Apache-2.0
/** Start: which mode fits, and then that mode set up in steps, to a verified token and a first verified message. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { ArrowLeft, Check, Circle, CircleDot } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { RadioGroup } from '../../ui/Switch';
import { Allowed } from './Allowed';
import { issuersOf, providersOf, secretsOf, someoneOf, useIssuers } from './data';
import { advise, answer, noAnswers, questionsFor, type Advice } from './guide';
import { useNewSigner } from './identity-federation';
import { freeName, kindOf, type Issuer } from './issuer';
import { KeySetSetup } from './KeySetSetup';
import { PageCode } from './PageCode';
import { PageChecklist } from './PageChecklist';
import { Go, issuerLink, useEnvironmentId } from './places';
import { keepProgress, nothingDone, readProgress, statesOf, type Progress, type StepState } from './progress';
import { ProviderSetup } from './ProviderSetup';
import { isInUse, secretsOfIssuer } from './secrets';
import { SecretSetup } from './SecretSetup';
import { SigningCode } from './SigningCode';
import styles from './start.module.css';
import { TokenTester } from './TokenTester';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureQueryData(issuersOf(environment));

export default function StartPage() {
  const environment = useEnvironmentId();
  return <Start key={environment} environment={environment} />;
}

function Start({ environment }: { environment: string }) {
  const [progress, setProgress] = useState(() => readProgress(environment));
  const change = (part: Partial<Progress>) =>
    setProgress((before) => {
      const next = { ...before, ...part };
      keepProgress(environment, next);
      return next;
    });
  const advice = advise(progress.answers);
  return (
    <Page
      title="Start" lead={progress.isBegun && advice ? undefined : 'Three questions, then the steps for your answer: five minutes to a chat that knows who it is talking to.'}
      actions={progress.isBegun && <Button kind="quiet" icon={<ArrowLeft aria-hidden />} onClick={() => change({ isBegun: false })}>Other answers</Button>}
    >
      {progress.isBegun && advice
        ? <Allowed><Steps environment={environment} advice={advice} progress={progress} change={change} /></Allowed>
        : <Guide advice={advice} progress={progress} change={change} />}
    </Page>
  );
}

type Change = (part: Partial<Progress>) => void;

function Guide({ advice, progress, change }: { advice: Advice | null; progress: Progress; change: Change }) {
  const { answers } = progress;
  const asked = questionsFor(answers);
  const open = asked.findIndex((question) => answers[question.id] === null);
  const shown = open === -1 ? asked : asked.slice(0, open + 1);
  return (
    <>
      <ol className={styles.questions}>
        {shown.map((question, at) => (
          <li key={question.id}>
            <Card>
              <div className={styles.question}>
                <span className={styles.number} aria-hidden>{at + 1}</span>
                <RadioGroup label={<span className={styles.title}>{question.title}</span>} help={question.help} value={answers[question.id] as string | null} options={question.choices} onChange={(value) => change({ answers: answer(answers, question.id, value) })} />
              </div>
            </Card>
          </li>
        ))}
      </ol>
      {advice && <AdviceCard advice={advice} onTake={() => change({ isBegun: true, isVerified: false, issuer: null })} onAgain={() => change({ ...nothingDone, answers: noAnswers })} />}
    </>
  );
}

function AdviceCard({ advice, onTake, onAgain }: { advice: Advice; onTake: () => void; onAgain: () => void }) {
  return (
    <section className={styles.advice} aria-live="polite" aria-label="What fits you">
      <p className="muted">This fits you</p>
      <h2>{advice.title}</h2>
      <ul className={styles.reasons}>{advice.reasons.map((reason) => <li key={reason}><Check aria-hidden />{reason}</li>)}</ul>
      <p><span className="muted">You need </span>{advice.needs.join(', ')}<span className="muted"> · about {advice.minutes} minutes</span></p>
      <div className="row">
        <Button kind="primary" onClick={onTake}>Set it up</Button>
        <Button kind="quiet" onClick={onAgain}>Begin again</Button>
      </div>
    </section>
  );
}

/** Whether this issuer is one that the advice would have made. */
const isOfAdvice = (issuer: Issuer, advice: Advice): boolean => kindOf(issuer) === advice.mode && (advice.mode !== 'provider' || issuer.provider?.id === advice.provider);

function Steps({ environment, advice, progress, change }: { environment: string; advice: Advice; progress: Progress; change: Change }) {
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
