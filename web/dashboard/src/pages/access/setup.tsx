// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { beginSession, sessionQuery } from '../../api/session';
import { Button, buttonClass } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { AccessFrame } from './AccessFrame';
import { useFragment } from './fragment';
import { passwordHelp } from './words';

export const prefetch = (client: QueryClient) => client.ensureQueryData(sessionQuery);

/** The first run: whoever has the link from the server's console becomes the owner. */
export default function SetupPage() {
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery).data;
  const setupToken = useFragment();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const setUp = useMutation({
    mutationFn: async () => (await send(api.POST('/setup', { body: { setupToken, name: name.trim(), email: email.trim(), password } }))).data,
    onSuccess: async (fresh) => {
      beginSession(client, fresh);
      await router.invalidate();
      await navigate({ to: '/', replace: true });
    },
  });
  if (session?.isSetUp && !setUp.isSuccess)
    return (
      <AccessFrame title="Set up already" lead="This server has its administrators. Sign in, or ask one of them for an invitation.">
        <Link to="/sign-in" className={buttonClass('primary')}>Sign in</Link>
      </AccessFrame>
    );
  if (!setupToken)
    return <AccessFrame title="Set up Chatelaine" lead="The link is not complete: its part behind # is missing. Copy the whole link from the console of the server." />;
  return (
    <AccessFrame title="Set up Chatelaine" lead="You become its first administrator: the owner, who may do everything and invites the others.">
      <Form problem={setUp.error} onSubmit={() => setUp.mutate()} label="Set up">
        <TextField label="Your name" autoComplete="name" pointer="/name" value={name} onChange={setName} maxLength={100} autoFocus required />
        <TextField label="E-mail" type="email" autoComplete="username" pointer="/email" value={email} onChange={setEmail} help="You sign in with it. Nothing is sent to it." required />
        <TextField label="Password" type="password" autoComplete="new-password" pointer="/password" value={password} onChange={setPassword} help={passwordHelp} required />
        <Problem of={setUp.error} />
        <Button type="submit" kind="primary" isBusy={setUp.isPending}>Begin</Button>
      </Form>
    </AccessFrame>
  );
}
