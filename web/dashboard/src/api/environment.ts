// SPDX-License-Identifier: Apache-2.0
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { resource } from './resource';
import type { components } from './schema.generated';

export type Environment = components['schemas']['Environment'];

export const environmentQuery = (environment: string) => resource('/environments/{environment}', { path: { environment } });

/** A parameter of the page's path: `useParam('tool')` below /e/$environment/tools/$tool. */
export function useParam(name: string): string {
  return (useParams({ strict: false }) as Record<string, string | undefined>)[name] ?? '';
}

/** The environment of a page below /e/<environment>: it is there before such a page is drawn. */
export function useEnvironment(): Environment {
  return useSuspenseQuery(environmentQuery(useParam('environment'))).data.data;
}

const key = 'chatelaine.environment';
/** The environment that was looked at last, in this browser: where `/` leads. */
export const lastEnvironment = {
  read: (): string | null => localStorage.getItem(key),
  keep: (environment: string): void => localStorage.setItem(key, environment),
  forget: (): void => localStorage.removeItem(key),
};
