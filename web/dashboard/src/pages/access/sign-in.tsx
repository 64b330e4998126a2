// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { Building2, Fingerprint } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { beginSession, sessionQuery, type Session } from '../../api/session';
import { Button, buttonClass } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { AccessFrame, Or } from './AccessFrame';
import { canOfferInField, hasPasskeys, passkeyProblem, usePasskeyOnce } from './passkey';
import { SecondFactor } from './SecondFactor';
import { singleSignOnProblem } from './words';

export const prefetch = (client: QueryClient) => client.ensureQueryData(sessionQuery);

/** A path of ours, whatever the address bar says: never another site. */
const safeReturn = (path: string | undefined): string => (path && /^\/(?![/\\])/.test(path) ? path : '/');

export default function SignInPage() {
  const session = useQuery(sessionQuery).data;
  const { returnTo, problem } = useSearch({ from: '/sign-in' });
  if (!session) return null;
  if (session.isSignedIn) return <Navigate to={safeReturn(returnTo) as '/'} replace />;
  if (!session.isSetUp) return <NotSetUp />;
  return <SignIn session={session} returnTo={safeReturn(returnTo)} failed={problem} />;
}

function NotSetUp() {
  return (
    <AccessFrame title="Almost there" lead="This server has no administrator yet. It printed a link when it started: open that link to become the first one.">
      <p>The link is in the console of <code>chatelaine serve</code> and looks like <code>{location.origin}/setup#…</code>. It is gone? <code>chatelaine admin setup-token</code> on the server's machine makes a new one.</p>
    </AccessFrame>
  );
}

function SignIn({ session, returnTo, failed }: { session: Session; returnTo: string; failed: string | undefined }) {
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [factors, setFactors] = useState<readonly string[] | null>(null);
  const { methods } = session;

  const enter = async (fresh: Session) => {
    beginSession(client, fresh);
    await router.invalidate();
    await navigate({ to: returnTo as '/', replace: true });
  };
  const signIn = useMutation({
    mutationFn: async (second: { totp?: string; recoveryCode?: string }) => (await send(api.POST('/session', { body: { email: email.trim(), password, ...second } }))).data,
    onSuccess: enter,
    onError: (problem) => {
      if (problem.code === 'second-factor-required') setFactors((problem.document as { methods?: string[] }).methods ?? ['totp', 'recovery-code']);
    },
  });
  const passkey = usePasskeySignIn(methods.passkey, enter);
  const isAskingSecond = factors !== null;
  const problem = signIn.error?.code === 'second-factor-required' ? null : signIn.error;

  if (isAskingSecond)
    return (
      <SecondFactor methods={factors} problem={problem} isBusy={signIn.isPending} onPasskey={passkey.begin}
        onCode={(second) => signIn.mutate(second)} onBack={() => (setFactors(null), setPassword(''), signIn.reset())} />
    );
  return (
    <AccessFrame title="Sign in">
      {failed && <Problem of={singleSignOnProblem(failed)} />}
      {methods.password && (
        <Form problem={problem} onSubmit={() => signIn.mutate({})}>
          <TextField label="E-mail" type="email" autoComplete="username webauthn" pointer="/email" value={email} onChange={setEmail} autoFocus required />
          <TextField label="Password" type="password" autoComplete="current-password" pointer="/password" value={password} onChange={setPassword} required />
          <Problem of={problem} />
          <Button type="submit" kind="primary" isBusy={signIn.isPending}>Sign in</Button>
        </Form>
      )}
      <Problem of={passkey.problem} />
      {methods.password && (methods.singleSignOn || (methods.passkey && hasPasskeys())) && <Or />}
      {methods.singleSignOn && (
        <a href={`/admin/v1/session/single-sign-on/start?returnTo=${encodeURIComponent(returnTo)}`} className={buttonClass(methods.password ? 'secondary' : 'primary')}>
          <Building2 aria-hidden /> Sign in with {methods.singleSignOn.label}
        </a>
      )}
      {methods.passkey && hasPasskeys() && <Button icon={<Fingerprint aria-hidden />} onClick={passkey.begin}>Sign in with a passkey</Button>}
    </AccessFrame>
  );
}

/** By button, and by what the browser offers in the e-mail field. */
function usePasskeySignIn(isOffered: boolean, enter: (session: Session) => Promise<void>) {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const waiting = useRef<AbortController | null>(null);

  const run = async (mediation: CredentialMediationRequirement) => {
    waiting.current?.abort();
    const control = new AbortController();
    waiting.current = control;
    setProblem(null);
    try {
      const { data: options } = await send(api.POST('/session/passkey/options'));
      if (control.signal.aborted) return;
      const credential = await usePasskeyOnce(options, mediation, control.signal);
      await enter((await send(api.POST('/session/passkey', { body: { credential } }))).data);
    } catch (error) {
      if (control.signal.aborted) return;
      const words = passkeyProblem(error);
      if (error instanceof ApiProblem && mediation !== 'conditional') setProblem(error);
      else if (words && mediation !== 'conditional') setProblem(new ApiProblem({ type: 'passkey', title: 'No passkey was used', status: 0, detail: words }));
    }
  };
  useEffect(() => {
    if (!isOffered) return undefined;
    let isOver = false;
    void canOfferInField().then((can) => {
      if (can && !isOver) void run('conditional');
    });
    return () => {
      isOver = true;
      waiting.current?.abort();
    };
  }, [isOffered]);
  return { problem, begin: () => void run('optional') };
}
