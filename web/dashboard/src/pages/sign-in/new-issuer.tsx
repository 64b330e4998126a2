// SPDX-License-Identifier: Apache-2.0
import { useNavigate } from '@tanstack/react-router';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { Allowed } from './Allowed';
import { KeySetSetup } from './KeySetSetup';
import { Go, hrefOf, issuerLink, useEnvironmentId } from './places';

export default function NewIssuerPage() {
  const environment = useEnvironmentId();
  const navigate = useNavigate();
  return (
    <Page title="JWT + JWKS" lead="Your own system signs tokens and publishes its keys: Chatelaine fetches those and verifies every token itself.">
      <Card>
        <Allowed><KeySetSetup environment={environment} onSaved={(name) => void navigate({ to: hrefOf(environment, issuerLink(name)) })}>
          <Go environment={environment} place={{ to: 'sign-in' }} kind="quiet">Cancel</Go>
        </KeySetSetup></Allowed>
      </Card>
    </Page>
  );
}
