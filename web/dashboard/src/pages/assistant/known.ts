// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { resource } from '../../api/resource';
import { isObject } from './json';

export const assistantQuery = (environment: string) => resource('/environments/{environment}/assistant', { path: { environment } });

/** Claims that a visitor's identity may hold here, as far as the settings say: offered where a claim is asked for. */
export function useKnownClaims(environment: string): string[] {
  const { data } = useQuery(resource('/environments/{environment}/config', { path: { environment } }));
  return knownClaims(data?.data);
}

export function knownClaims(config: unknown): string[] {
  const signIn = isObject(config) ? config['signIn'] : undefined;
  const issuers = isObject(signIn) && Array.isArray(signIn['issuers']) ? signIn['issuers'] : [];
  const mapped = issuers.flatMap((issuer) => (isObject(issuer) && isObject(issuer['mapping']) ? Object.keys(issuer['mapping']) : []));
  return [...new Set(['sub', 'email', 'name', ...mapped])];
}

/** Which assistant answers: its rules need triggers, a model does not. */
export function useAssistantKind(environment: string): 'rules' | 'openai' {
  return useQuery(assistantQuery(environment)).data?.data.kind ?? 'rules';
}
