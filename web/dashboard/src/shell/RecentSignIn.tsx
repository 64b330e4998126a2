// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Fingerprint } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, onRecentSignInRequired, send } from '../api/client';
import { ApiProblem } from '../api/problem';
import { keepSession, sessionQuery, useSession } from '../api/session';
import { hasPasskeys, passkeyProblem, usePasskeyOnce } from '../pages/access/passkey';
import { Button } from '../ui/Button';
import { Dialog, DialogButtons } from '../ui/Dialog';
import { Form } from '../ui/form';
import { Problem } from '../ui/Problem';
import { TextField } from '../ui/TextField';
import { useSignOut } from './sign-out';

type Answer = (given: boolean) => void;

async function confirmByPasskey() {
  const { data: options } = await send(api.POST('/session/passkey/options'));
  try {
    return await send(api.POST('/session/passkey', { body: { credential: await usePasskeyOnce(options) } }));
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw new ApiProblem({ type: 'passkey', title: 'No passkey was used', status: 0, detail: passkeyProblem(error) ?? 'Its window was closed, or it took too long.' });
  }
}

/** Asks for the password (or a passkey) again where an act needs a sign-in younger than ten minutes; the act goes on by itself afterwards. */
export default function RecentSignIn() {
  const client = useQueryClient();
  const router = useRouter();
  const signOut = useSignOut();
  const me = useSession()?.administrator;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [password, setPassword] = useState('');
  useEffect(() => onRecentSignInRequired(() => new Promise((resolve) => setAnswer(() => resolve))), []);

  const close = (given: boolean) => {
    answer?.(given);
    setAnswer(null);
    setPassword('');
    confirm.reset();
  };
  const confirm = useMutation({
    mutationFn: async (by: 'password' | 'passkey') =>
      keepSession(await (by === 'passkey' ? confirmByPasskey() : send(api.POST('/session/confirm', { body: { password } })))).data,
    onSuccess: (fresh) => {
      client.setQueryData(sessionQuery.queryKey, fresh);
      close(true);
    },
  });
  const leave = async () => {
    const { href } = router.state.location;
    close(false);
    await signOut();
    await router.navigate({ to: '/sign-in', search: { returnTo: href } });
  };
  const lead = `You signed in more than ten minutes ago, and what you are about to do asks for it once more.${me?.hasPassword ? '' : ' You have no password here: sign in again as you did.'}`;
  return (
    <Dialog isOpen={answer !== null} onClose={() => close(false)} title="Is it you?" lead={lead}>
      <Form problem={confirm.error} onSubmit={() => me?.hasPassword && confirm.mutate('password')}>
        {me?.hasPassword && (
          <>
            <input type="text" hidden readOnly autoComplete="username" value={me.email} />
            <TextField label="Password" type="password" autoComplete="current-password" pointer="/password" value={password} onChange={setPassword} />
          </>
        )}
        <Problem of={confirm.error} />
        <DialogButtons>
          <Button onClick={() => close(false)}>Cancel</Button>
          {me && me.passkeyCount > 0 && hasPasskeys() && <Button icon={<Fingerprint aria-hidden />} onClick={() => confirm.mutate('passkey')}>Use a passkey</Button>}
          {me?.hasPassword
            ? <Button kind="primary" type="submit" isBusy={confirm.isPending} disabled={password === ''}>Go on</Button>
            : <Button kind="primary" onClick={leave}>Sign in again</Button>}
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
