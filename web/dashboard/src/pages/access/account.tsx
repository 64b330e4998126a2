// SPDX-License-Identifier: Apache-2.0
import { useQuery, useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { Building2 } from 'lucide-react';
import { useSession } from '../../api/session';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { accountQuery, apiTokensQuery, passkeysQuery, sessionsQuery } from './account-queries';
import { ApiTokens } from './ApiTokens';
import { MySessions } from './MySessions';
import { Passkeys } from './Passkeys';
import { PasswordCard } from './PasswordCard';
import { Profile } from './Profile';
import { Totp } from './Totp';

export const prefetch = (client: QueryClient) =>
  Promise.all([client.ensureQueryData(accountQuery), client.ensureQueryData(passkeysQuery), client.ensureQueryData(sessionsQuery), client.ensureQueryData(apiTokensQuery)]);

/** Who I am here, how I sign in, where I am signed in, and what acts in my name. */
export default function AccountPage() {
  const { data: account } = useSuspenseQuery(accountQuery).data;
  return (
    <Page title="Your account" lead="How you sign in, where you are signed in, and the tokens that act in your name.">
      <Profile />
      <PasswordCard hasPassword={account.hasPassword} />
      <Totp account={account} />
      <Passkeys />
      <SingleSignOnLink isLinked={account.isLinkedToSingleSignOn} />
      <MySessions />
      <ApiTokens />
    </Page>
  );
}

function SingleSignOnLink({ isLinked }: { isLinked: boolean }) {
  const label = useSession()?.methods.singleSignOn?.label;
  const account = useQuery(accountQuery).data;
  if (!label || !account) return null;
  return (
    <Card title={label} lead={isLinked ? `Linked: you can sign in with ${label}.` : `Link it once, and you can sign in with ${label} too. The address there must be ${account.data.email}.`}
      actions={!isLinked && <a className={buttonClass('secondary', 'small')} href="/admin/v1/session/single-sign-on/start?link=true&returnTo=%2Faccount"><Building2 aria-hidden /> Link</a>} />
  );
}
