// SPDX-License-Identifier: Apache-2.0
import type { components } from '../../api/schema.generated';

export type NamedGrant = components['schemas']['NamedGrant'];
export type Grant = components['schemas']['Grant'];

/** "developer of acme-bank", "viewer of all products", "owner". */
export function grantInWords({ role, product, productName }: NamedGrant): string {
  if (role === 'owner') return 'owner';
  return `${role} of ${product === null ? 'all products' : productName ?? 'a product'}`;
}

/** As they are sent: without names, and the owner's without a product. */
export const toGrants = (grants: readonly NamedGrant[]): Grant[] => grants.map(({ role, product }) => ({ role, product: role === 'owner' ? null : product }));
