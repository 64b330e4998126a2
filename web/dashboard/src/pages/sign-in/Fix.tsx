// SPDX-License-Identifier: Apache-2.0
/** The fix of a refused token as a button: the one that mends it here, or the way to where it is mended. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { forget } from '../../api/resource';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';
import { toast } from '../../ui/Toast';
import { applyFix, type Issuer } from './issuer';
import { Go, issuerLink, type Place } from './places';
import type { FixAction, TokenTest } from './verify';

interface FixProps {
  environment: string;
  result: TokenTest;
  again: (options?: { refreshKeys?: boolean }) => void;
}

export function Fix({ environment, result, again }: FixProps) {
  const action = result.fixAction;
  if (!action) return null;
  if (action.kind === 'refresh-keys') return <Button kind="primary" icon={<RefreshCw aria-hidden />} onClick={() => again({ refreshKeys: true })}>{action.label}</Button>;
  if (action.kind === 'add-origin' && action.value !== null) return <AddOrigin environment={environment} origin={action.value} label={action.label} again={again} />;
  if (action.value !== null && action.issuer !== null && action.pointer !== null)
    return <Change key={`${action.pointer} ${action.value}`} environment={environment} action={action} issuer={action.issuer} pointer={action.pointer} value={action.value} again={again} />;
  const place = placeOf(action, result);
  return place && <Go environment={environment} place={place} kind="primary">{action.label}</Go>;
}

function placeOf(action: FixAction, result: TokenTest): Place | null {
  switch (action.kind) {
    case 'rotate-secret':
    case 'generate-secret':
      return { to: 'identity-federation', issuer: action.issuer };
    case 'mint-token':
      return { to: 'start' };
    case 'add-origin':
      return { to: 'settings' };
    case 'open-sign-in':
      return action.issuer ? issuerLink(action.issuer, action.pointer) : { to: 'sign-in' };
    default:
      return action.issuer ?? result.issuer ? issuerLink((action.issuer ?? result.issuer)!, action.pointer) : { to: 'sign-in' };
  }
}

interface ChangeProps {
  environment: string;
  action: FixAction;
  issuer: string;
  pointer: string;
  value: string;
  again: () => void;
}

/** Writes the proposed value into the issuer's settings. It decides whom to trust, so it says first what will hold afterwards. */
function Change({ environment, action, issuer, pointer, value, again }: ChangeProps) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const path = { environment, name: issuer };
  const put = async (body: Issuer, etag: Versioned<unknown>) => {
    const saved = await send(api.PUT('/environments/{environment}/issuers/{name}', { params: { path, header: ifMatch(etag) }, body: body as never }));
    await forget(client, '/environments/{environment}/');
    again();
    return saved;
  };
  const change = useMutation({
    mutationFn: async () => {
      const before = await send(api.GET('/environments/{environment}/issuers/{name}', { params: { path } }));
      const after = applyFix(before.data as Issuer, pointer.replace(/^\/issuers\/\d+/, ''), value);
      if (!after) throw new TypeError('This setting is not there any more.');
      const saved = await put(after, before);
      toast(`Saved: ${issuer}`, { description: action.label, undo: () => void put(before.data as Issuer, saved).then(() => toast('As it was before')) });
    },
    onSuccess: () => setAsking(false),
  });
  const member = pointer.split('/').at(-1);
  return (
    <>
      {isAsking ? (
        <>
          <p>
            From then on <code>{member}</code> of <strong>{issuer}</strong> {member === 'audiences' || member === 'types' || member === 'algorithms' ? 'also holds' : 'is'} <code>{value}</code>.
            It was read from a token that is not proven: is it yours?
          </p>
          <Button kind="primary" isBusy={change.isPending} onClick={() => change.mutate()}>Save it</Button>
          <Button kind="quiet" onClick={() => setAsking(false)}>Not now</Button>
        </>
      ) : (
        <Button kind="primary" onClick={() => setAsking(true)}>{action.label}</Button>
      )}
      <Go environment={environment} place={issuerLink(issuer, pointer)} kind="quiet">Open the settings</Go>
      <Problem of={change.error} />
    </>
  );
}

function AddOrigin({ environment, origin, label, again }: { environment: string; origin: string; label: string; again: () => void }) {
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: async () => {
      const params = { path: { environment } };
      const before = await send(api.GET('/environments/{environment}/origins', { params }));
      const origins = [...new Set([...before.data.origins, origin])];
      await send(api.PUT('/environments/{environment}/origins', { params: { ...params, header: ifMatch(before) }, body: { origins } }));
      await forget(client, '/environments/{environment}/');
      toast(`Pages of ${origin} may use the chat now`);
      again();
    },
  });
  return (
    <>
      <Button kind="primary" isBusy={add.isPending} onClick={() => add.mutate()}>{label}</Button>
      <Problem of={add.error} />
    </>
  );
}
