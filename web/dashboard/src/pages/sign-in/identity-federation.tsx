// SPDX-License-Identifier: Apache-2.0
/** Identity federation: the secrets by which your backend signs visitors' tokens. */
import type { QueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useEnvironment } from '../../api/environment';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { TextField } from '../../ui/TextField';
import { Allowed } from './Allowed';
import { issuersOf, secretsOf, useIssuers } from './data';
import { freeName, problemOfName } from './issuer';
import { useNewSigner } from './new-signer';
import { Go, issuerLink, useEnvironmentId } from './places';
import { SecretSetup } from './SecretSetup';
import { SigningCode } from './SigningCode';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(issuersOf(environment)), client.ensureQueryData(secretsOf(environment))]);

export default function IdentityFederationPage() {
  const environment = useEnvironmentId();
  const { issuers, problem } = useIssuers(environment);
  const [isAdding, setAdding] = useState(false);
  const mayChange = useRight('configure', useEnvironment().productId);
  const signers = issuers?.filter((one) => one.mode === 'hmac') ?? [];
  return (
    <Page
      title="Identity federation" lead="Your backend signs a short-lived token for whoever is signed in to your app, with a secret that only the two of us know."
      actions={mayChange && signers.length > 0 && <Button icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>Another signer</Button>}
    >
      <Problem of={problem} />
      {!issuers && !problem && <SkeletonRows />}
      {issuers && signers.length === 0 && (
        <Card>
          <EmptyState icon={<KeyRound />} title="No signing secret yet" action={mayChange && <Button kind="primary" icon={<KeyRound aria-hidden />} onClick={() => setAdding(true)}>Set up a signed session token</Button>}>
            <p>The fastest start: a few lines in your backend sign <code>sub</code>, <code>name</code> and <code>email</code> of whoever is signed in there. The secret is made here and shown exactly once.</p>
          </EmptyState>
        </Card>
      )}
      {signers.map((issuer) => (
        <Card key={issuer.name} title={<span id={issuer.name} tabIndex={-1}>{issuer.name}</span>} actions={<Go environment={environment} place={issuerLink(issuer.name)} kind="quiet" size="small">Settings</Go>}>
          <Allowed right="secrets"><SecretSetup environment={environment} issuer={issuer.name} isFull /></Allowed>
        </Card>
      ))}
      {signers.length > 0 && (
        <Card title="In your backend" lead="Ready to paste: any standard JWT library does it.">
          <SigningCode issuer={signers[0] ?? null} />
        </Card>
      )}
      <NewSigner environment={environment} taken={issuers?.map((one) => one.name) ?? []} isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}

function NewSigner({ environment, taken, isOpen, onClose }: { environment: string; taken: string[]; isOpen: boolean; onClose: () => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const create = useNewSigner(environment, () => {
    setTyped(null);
    onClose();
  });
  const name = typed ?? freeName('app', taken);
  const wrong = problemOfName(name, taken);
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Who signs?" lead="A name for your backend, as it stands in the log. Its secret is made on the next screen.">
      <Form problem={create.error} onSubmit={() => wrong === null && create.mutate(name)}>
        <TextField label="Name" isMono pointer="/name" value={name} onChange={setTyped} error={wrong} />
        <Problem of={create.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending} disabled={wrong !== null}>Go on</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
