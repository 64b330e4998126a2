// SPDX-License-Identifier: Apache-2.0
/** Where the sign-in pages lead to each other. */
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass, type ButtonProps } from '../../ui/Button';

export type Place =
  | { to: 'start' | 'sign-in' | 'new-issuer' | 'test-token' | 'key-sets' | 'settings' }
  | { to: 'federation'; provider?: string | null }
  | { to: 'identity-federation'; issuer?: string | null }
  | { to: 'issuer'; issuer: string; field?: string | null };

/** An issuer's settings; a JSON pointer says at which member to begin. */
export const issuerLink = (issuer: string, pointer: string | null = null): Place => ({ to: 'issuer', issuer, field: fieldOf(pointer) });

const fieldOf = (pointer: string | null): string | null => /^\/issuers\/\d+\/(?:provider\/fields\/)?([A-Za-z]+)/.exec(pointer ?? '')?.[1] ?? null;

export function hrefOf(environment: string, place: Place): string {
  const base = `/e/${environment}`;
  if (place.to === 'issuer') return `${base}/sign-in/${encodeURIComponent(place.issuer)}${place.field ? `#${place.field}` : ''}`;
  if (place.to === 'identity-federation' && place.issuer) return `${base}/identity-federation#${encodeURIComponent(place.issuer)}`;
  if (place.to === 'federation' && place.provider) return `${base}/federation/${place.provider}`;
  return `${base}/${place.to}`;
}

/** The environment that the page's address names. */
export const useEnvironmentId = (): string => useParams({ strict: false }).environment as string;

interface GoProps {
  environment: string;
  place: Place;
  /** As a button; without it, a link in a text. */
  kind?: ButtonProps['kind'];
  size?: ButtonProps['size'];
  children: ReactNode;
}

export function Go({ environment, place, kind, size, children }: GoProps) {
  const [to, hash] = hrefOf(environment, place).split('#');
  return <Link to={to as string} {...(hash ? { hash } : {})} className={kind ? buttonClass(kind, size) : undefined}>{children}</Link>;
}
