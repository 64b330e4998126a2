// SPDX-License-Identifier: Apache-2.0
/** Start: which mode fits, and then that mode set up in steps, to a verified token and a first verified message. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { ArrowLeft, Check } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { later } from '../../ui/later';
import { Page } from '../../ui/Page';
import { SkeletonRows } from '../../ui/Skeleton';
import { RadioGroup } from '../../ui/Switch';
import { ChecksHint } from '../installation/Checks';
import { Allowed } from './Allowed';
import { issuersOf, someoneOf, useIssuers } from './data';
import { advise, answer, noAnswers, questionsFor, type Advice } from './guide';
import { useEnvironmentId } from './places';
import { keepProgress, nothingDone, readProgress, type Progress } from './progress';
import { StartDone } from './StartDone';
import type { StartStepsProps } from './StartSteps';
import styles from './start.module.css';

// Only once the questions are answered: until then there is time to fetch it.
const StartSteps = later<StartStepsProps>(() => import('./StartSteps'), () => <SkeletonRows count={5} />);

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(issuersOf(environment)), client.prefetchQuery(someoneOf(environment, 'verified'))]);

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
  const { issuers } = useIssuers(environment);
  const someone = useQuery(someoneOf(environment, 'verified'));
  const isDone = Boolean(issuers?.length && someone.data?.data.items.length);
  useEffect(StartSteps.prefetch, []);
  const guide = <Guide advice={advice} progress={progress} change={change} />;
  return (
    <Page
      title="Start" lead={progress.isBegun && advice ? undefined : isDone ? 'A verified visitor has written: the chat knows who it is talking to.' : 'Three questions, then the steps for your answer: five minutes to a chat that knows who it is talking to.'}
      actions={progress.isBegun && <Button kind="quiet" icon={<ArrowLeft aria-hidden />} onClick={() => change({ isBegun: false })}>Other answers</Button>}
    >
      <ChecksHint />
      {progress.isBegun && advice
        ? <Allowed><StartSteps environment={environment} advice={advice} progress={progress} change={change} /></Allowed>
        // Whoever has answered something already is on the way to something else.
        : isDone ? <StartDone environment={environment} issuers={issuers!} isGuideOpen={progress.answers.source !== null}>{guide}</StartDone> : guide}
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
