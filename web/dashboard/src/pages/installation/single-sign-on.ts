// SPDX-License-Identifier: Apache-2.0
import type { components } from '../../api/schema.generated';

type Settings = components['schemas']['SingleSignOn'];
type Draft = components['schemas']['SingleSignOnDraft'];
type Role = 'admin' | 'developer' | 'viewer';

/** The settings as they are typed. */
export interface SingleSignOnForm {
  issuer: string;
  clientId: string;
  /** Empty: the one that is kept stays. */
  clientSecret: string;
  label: string;
  emailDomains: string[];
  defaultRole: Role | '';
  claim: string;
  /** "chat-admins = admin" */
  roles: string[];
  isPasswordOff: boolean;
}

export const toDraft = (settings: Settings | null): SingleSignOnForm => ({
  issuer: settings?.issuer ?? '',
  clientId: settings?.clientId ?? '',
  clientSecret: '',
  label: settings?.label ?? '',
  emailDomains: settings?.emailDomains ?? [],
  defaultRole: (settings?.defaultRole as Role | null | undefined) ?? '',
  claim: settings?.roleMapping?.claim ?? '',
  roles: Object.entries(settings?.roleMapping?.roles ?? {}).map(([value, role]) => `${value} = ${role}`),
  isPasswordOff: settings?.isPasswordOff ?? false,
});

export function fromDraft(form: SingleSignOnForm): Draft {
  const roles = Object.fromEntries(form.roles.map((line) => {
    const at = line.lastIndexOf('=');
    return [line.slice(0, at).trim(), line.slice(at + 1).trim() as Role];
  }));
  return {
    issuer: form.issuer.trim(),
    clientId: form.clientId.trim(),
    ...(form.clientSecret === '' ? {} : { clientSecret: form.clientSecret }),
    label: form.label.trim(),
    emailDomains: form.emailDomains,
    defaultRole: form.defaultRole || null,
    roleMapping: form.claim.trim() === '' ? null : { claim: form.claim.trim(), roles },
    isPasswordOff: form.isPasswordOff,
  };
}
