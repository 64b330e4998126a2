// SPDX-License-Identifier: Apache-2.0
/** What must be seen for a page's chat to be in order: its origin is allowed, it has come, and somebody verified has written. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, CircleDashed, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { forget } from '../../api/resource';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { originsOf, signInOf, someoneOf } from './data';
import styles from './PageChecklist.module.css';

const watched = { refetchInterval: (query: { state: { data?: { data: { items: unknown[] } } | undefined } }) => (query.state.data?.data.items.length ? false : 3000) };

/** An origin as browsers write it, from whatever address was pasted; null where it is none. */
export function originIn(text: string): string | null {
  try {
    const url = new URL(text.includes('://') ? text.trim() : `https://${text.trim()}`);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname !== '' ? url.origin : null;
  } catch {
    return null;
  }
}

interface PageChecklistProps {
  environment: string;
  isForServer?: boolean;
  /** null where it stands in a card that has one. */
  title?: string | null;
  /** What was done before. */
  first?: ReactNode;
}

export function PageChecklist({ environment, isForServer = false, title = 'Seen so far', first }: PageChecklistProps) {
  const origins = useQuery(originsOf(environment));
  const signIn = useQuery(signInOf(environment));
  const seen = useQuery({ ...someoneOf(environment), ...watched });
  const verified = useQuery({ ...someoneOf(environment, 'verified'), ...watched });
  const allowed = origins.data?.data.origins ?? [];
  return (
    <div className={styles.checklist}>
      {title && <h3>{title}</h3>}
      <Problem of={origins.error ?? signIn.error ?? seen.error ?? verified.error} />
      <ul>
        {first}
        {!isForServer && (
          <Item isDone={allowed.length > 0} title="Your page’s origin is allowed">
            {allowed.length > 0 ? <span className="row">{allowed.map((origin) => <Badge key={origin}>{origin}</Badge>)}</span> : 'Browsers of other pages are turned away.'}
            <AddOrigin environment={environment} />
          </Item>
        )}
        {signIn.data?.data.enforcement === 'off' && <Item isDone={false} title="Tokens are heeded">Sign-in is switched off in this environment: tokens are ignored. <HeedTokens environment={environment} /></Item>}
        <Item isDone={Boolean(seen.data?.data.items.length)} title={isForServer ? 'Your server has sent a message' : 'Somebody has written in the chat'}>{seen.data?.data.items.length ? null : 'Open your page and write. It appears here by itself.'}</Item>
        <Item isDone={Boolean(verified.data?.data.items.length)} title="A verified visitor has written">{verified.data?.data.items.length ? 'It works.' : 'Sign in to your app and write again: the chat’s header then shows your name with a key.'}</Item>
      </ul>
    </div>
  );
}

export function Item({ isDone, title, children }: { isDone: boolean; title: string; children: ReactNode }) {
  return (
    <li className={isDone ? styles.done : undefined}>
      {isDone ? <Check aria-hidden /> : <CircleDashed aria-hidden />}
      <div>
        <p className={styles.title}>{title}<span className="visually-hidden">{isDone ? ', done' : ', not yet'}</span></p>
        {children && <div className={styles.words}>{children}</div>}
      </div>
    </li>
  );
}

function HeedTokens({ environment }: { environment: string }) {
  const client = useQueryClient();
  const heed = useMutation({
    mutationFn: async () => {
      const params = { path: { environment } };
      const before = await send(api.GET('/environments/{environment}/sign-in', { params }));
      return send(api.PUT('/environments/{environment}/sign-in', { params: { ...params, header: ifMatch(before) }, body: { ...before.data, enforcement: 'optional' } }));
    },
    onSuccess: () => forget(client, '/environments/{environment}/'),
  });
  return (
    <>
      <div><Button isBusy={heed.isPending} onClick={() => heed.mutate()}>Make it optional</Button></div>
      <Problem of={heed.error} />
    </>
  );
}

function AddOrigin({ environment }: { environment: string }) {
  const [text, setText] = useState('');
  const client = useQueryClient();
  const origin = originIn(text);
  const add = useMutation({
    mutationFn: async (one: string) => {
      const params = { path: { environment } };
      const before = await send(api.GET('/environments/{environment}/origins', { params }));
      return send(api.PUT('/environments/{environment}/origins', { params: { ...params, header: ifMatch(before) }, body: { origins: [...new Set([...before.data.origins, one])] } }));
    },
    onSuccess: () => {
      setText('');
      return forget(client, '/environments/{environment}/');
    },
  });
  return (
    <Form problem={add.error} onSubmit={() => origin && add.mutate(origin)} label="Allow an origin">
      <div className={styles.add}>
        <TextField label="Address of a page" isMono inputMode="url" placeholder="https://shop.example" value={text} onChange={setText} pointer="/origins" error={text !== '' && !origin ? 'The address as it stands in the browser: https://shop.example' : null} />
        <Button type="submit" icon={<Plus aria-hidden />} isBusy={add.isPending} disabled={!origin}>Allow {origin ?? 'it'}</Button>
      </div>
      <Problem of={add.error} />
    </Form>
  );
}
