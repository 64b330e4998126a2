// SPDX-License-Identifier: Apache-2.0
import type { Right } from '../../api/session';

export type Role = 'owner' | 'admin' | 'developer' | 'viewer';

/** Roles in words, from the most to the least. */
export const roles: readonly { role: Role; label: string; help: string }[] = [
  { role: 'owner', label: 'Owner', help: 'Everything: products, administrators, single sign-on.' },
  { role: 'admin', label: 'Admin', help: 'Environments, members, and visitors: revoke, erase.' },
  { role: 'developer', label: 'Developer', help: 'Sign-in, tools, knowledge, keys and secrets.' },
  { role: 'viewer', label: 'Viewer', help: 'Sees everything but secrets, changes nothing.' },
];

/** What a token may be allowed. */
export const scopes: readonly { right: Right; label: string; help: string }[] = [
  { right: 'read', label: 'Read', help: 'Configuration, visitors, conversations, audit. Never secrets.' },
  { right: 'configure', label: 'Configure', help: 'Sign-in, tools, knowledge, appearance.' },
  { right: 'secrets', label: 'Keys and secrets', help: 'Make, rotate, revoke.' },
  { right: 'people-write', label: 'Visitors', help: 'Sign them out, export and erase them.' },
  { right: 'manage', label: 'Manage', help: 'Environments and members of the product.' },
  { right: 'own', label: 'Own', help: 'Products, administrators, single sign-on.' },
];
