// SPDX-License-Identifier: Apache-2.0
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { forget, list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useSession } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { SearchField, useSettled } from '../../ui/SearchField';
import { Time } from '../../ui/Time';
import { Invite } from './Invite';
import { InvitationLink, type Made } from './InvitationLink';
import { grantInWords } from './grants';

type Administrator = components['schemas']['Administrator'];

const adminsQuery = (search: string) => list('/admins', { query: search ? { search } : {} });
export const prefetch = (client: QueryClient) => client.ensureInfiniteQueryData(adminsQuery(''));

/** Who may do what here. */
export default function AdminsPage() {
  const client = useQueryClient();
  const session = useSession();
  const [search, setSearch] = useState('');
  const [isInviting, setIsInviting] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const sought = useSettled(search.trim());
  const mayInvite = session?.administrator?.roles.some(({ role }) => role === 'owner' || role === 'admin') ?? false;
  const invite = mayInvite && <Button kind="primary" icon={<UserPlus aria-hidden />} onClick={() => setIsInviting(true)}>Invite</Button>;
  return (
    <Page title="Admins" lead="Who may do what here. Owners may everything; the others have a role in one product, or in all." actions={invite} isWide>
      {made && <InvitationLink of={made} onStored={() => setMade(null)} />}
      <Card isFlush actions={<SearchField label="Find by name or address" value={search} onChange={setSearch} />}>
        <DataTable<Administrator>
          label="Administrators"
          query={adminsQuery(sought)}
          rowKey={({ id }) => id}
          columns={[
            { header: 'Name', cell: ({ id, name }) => <Link to="/admins/$administrator" params={{ administrator: id }}>{name}</Link> },
            { header: 'E-mail', cell: ({ email }) => <Address of={email} /> },
            { header: 'Roles', cell: ({ roles }) => (roles.length === 0 ? <span className="muted">none</span> : <span className="row">{roles.slice(0, 3).map((grant) => <Badge key={`${grant.product} ${grant.role}`}>{grantInWords(grant)}</Badge>)}{roles.length > 3 && <span className="muted">and {roles.length - 3} more</span>}</span>) },
            { header: 'Second factor', cell: ({ hasTotp, passkeyCount, state }) => (state === 'invited' ? <Badge kind="brass">invited</Badge> : hasTotp || passkeyCount > 0 ? [hasTotp && 'codes', passkeyCount > 0 && 'passkey'].filter(Boolean).join(', ') : <Badge kind="brass">none</Badge>) },
            { header: 'Last sign-in', cell: ({ lastSignInAt }) => <Time at={lastSignInAt} />, isExtra: true },
          ]}
          empty={<EmptyState title={`Nobody is called “${sought}”`} action={<Button onClick={() => setSearch('')}>Show all</Button>} />}
        />
      </Card>
      {isInviting && <Invite onClose={() => setIsInviting(false)} onMade={(fresh) => (setIsInviting(false), setMade(fresh), void forget(client, '/admins'))} />}
    </Page>
  );
}

/** An address that is too long for its column breaks before its @. */
function Address({ of }: { of: string }) {
  const at = of.lastIndexOf('@');
  return at > 0 ? <>{of.slice(0, at)}<wbr />{of.slice(at)}</> : of;
}
