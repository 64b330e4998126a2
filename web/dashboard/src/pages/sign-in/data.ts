// SPDX-License-Identifier: Apache-2.0
/** What the sign-in pages read. */
import { useQuery } from '@tanstack/react-query';
import type { Versioned } from '../../api/client';
import type { ApiProblem } from '../../api/problem';
import { resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import type { Issuer } from './issuer';

export type Provider = components['schemas']['Provider'];
export type IssuerPreview = components['schemas']['IssuerPreview'];
export type KeySet = components['schemas']['KeySet'];
export type Secret = components['schemas']['Secret'];
export type SignInSettings = components['schemas']['SignInSettings'];

export const issuersOf = (environment: string) => resource('/environments/{environment}/issuers', { path: { environment } });
export const issuerOf = (environment: string, name: string) => resource('/environments/{environment}/issuers/{name}', { path: { environment, name } });
export const signInOf = (environment: string) => resource('/environments/{environment}/sign-in', { path: { environment } });
export const keySetsOf = (environment: string) => resource('/environments/{environment}/key-sets', { path: { environment } });
export const secretsOf = (environment: string) => resource('/environments/{environment}/secrets', { path: { environment }, query: { limit: 200 } });
export const environmentOf = (environment: string) => resource('/environments/{environment}', { path: { environment } });
export const originsOf = (environment: string) => resource('/environments/{environment}/origins', { path: { environment } });
export const requiredOf = (environment: string) => resource('/environments/{environment}/statistics/required', { path: { environment } });
/** Visitors, one at most: whether somebody has written at all, or somebody verified. */
export const someoneOf = (environment: string, kind?: 'verified') => resource('/environments/{environment}/visitors', { path: { environment }, query: { limit: 1, ...(kind ? { kind } : {}) } });
export const providersOf = () => resource('/providers');

/** The issuers as they are; null while they are read. */
export function useIssuers(environment: string): { issuers: Issuer[] | null; version: Versioned<unknown> | null; problem: ApiProblem | null } {
  const { data, error } = useQuery(issuersOf(environment));
  return { issuers: (data?.data.items as Issuer[] | undefined) ?? null, version: data ?? null, problem: error };
}
