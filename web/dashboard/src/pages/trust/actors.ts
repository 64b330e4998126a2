// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { resource } from '../../api/resource';
import { useSession } from '../../api/session';

/** Who did it, by name where this administrator may know it: "admin:adm_…" → "Ada Lovelace". */
export function useActorName(): (actor: string) => string {
  const own = useSession()?.administrator ?? null;
  const mayList = own?.roles.some(({ role }) => role === 'owner' || role === 'admin') ?? false;
  const others = useQuery({ ...resource('/admins', { query: { limit: 200 } }), enabled: mayList, staleTime: 300_000 }).data?.data.items ?? [];
  const names = new Map([...others, ...(own ? [own] : [])].map(({ id, name, email }) => [`admin:${id}`, name || email]));
  return (actor) => names.get(actor) ?? actor;
}
