// SPDX-License-Identifier: Apache-2.0
import { list, resource } from '../../api/resource';

const of = (environment: string) => ({ path: { environment } });
export const keysQuery = (environment: string) => list('/environments/{environment}/keys', of(environment));
export const originsQuery = (environment: string) => resource('/environments/{environment}/origins', of(environment));
export const limitsQuery = (environment: string) => resource('/environments/{environment}/limits', of(environment));
export const documentQuery = (environment: string) => resource('/environments/{environment}/document', of(environment));
