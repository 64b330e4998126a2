// SPDX-License-Identifier: Apache-2.0
/** JWT + JWKS: an issuer by hand. Providers and shared secrets have setups of their own, which know what to ask. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, send } from '../../api/client';
import { forget } from '../../api/resource';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { useIssuers } from './data';
import { useUnsavedGuard } from './guard';
import { freeName, problemOfName, tidy, type Issuer } from './issuer';
import { ClaimRuleFields, FurtherFields, KeyFields } from './IssuerFields';

interface KeySetSetupProps {
  environment: string;
  /** For a token that is made for the chat alone: an audience is then demanded. */
  isNarrow?: boolean;
  onSaved: (name: string) => void;
  children?: ReactNode;
}

export function KeySetSetup({ environment, isNarrow = false, onSaved, children }: KeySetSetupProps) {
  const { issuers } = useIssuers(environment);
  const taken = issuers?.map((one) => one.name) ?? [];
  const [typed, setTyped] = useState<Issuer | null>(null);
  const value: Issuer = typed ?? { name: freeName('login', taken), mode: 'key-set' };
  const set = (change: Partial<Issuer>) => setTyped({ ...value, ...change });
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/issuers', { params: { path: { environment } }, body: tidy(value) as never })),
    onSuccess: async () => {
      setTyped(null);
      await forget(client, '/environments/{environment}/');
      onSaved(value.name);
    },
  });
  useUnsavedGuard(typed !== null && !create.isSuccess && !create.isPending);
  const wrongName = problemOfName(value.name, create.isSuccess ? [] : taken);
  const lacks = !value.keySetUrl && !value.keys ? 'A JWKS URL or pasted keys are needed.' : isNarrow && !value.audiences?.length ? 'The audience of tokens that are made for the chat is needed.' : null;
  return (
    <Form problem={create.error} onSubmit={() => wrongName === null && lacks === null && create.mutate()} label="A new issuer">
      <TextField label="Name" isMono pointer="/name" value={value.name} onChange={(name) => set({ name })} error={wrongName} help="Yours, for the log and the audit." />
      <KeyFields value={value} set={set} />
      <ClaimRuleFields value={value} set={set} />
      <FurtherFields value={value} set={set} isProvider={false} />
      <Problem of={create.error} />
      <div className="row">
        <Button type="submit" kind="primary" isBusy={create.isPending} disabled={wrongName !== null || lacks !== null}>Save</Button>
        {children}
        {lacks && <span className="muted">{lacks}</span>}
      </div>
    </Form>
  );
}
