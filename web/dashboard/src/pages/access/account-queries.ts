// SPDX-License-Identifier: Apache-2.0
import { resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';

export type Account = components['schemas']['Account'];
export const accountQuery = resource('/account');
export const passkeysQuery = resource('/account/passkeys');
export const sessionsQuery = resource('/account/sessions');
export const apiTokensQuery = resource('/account/api-tokens');
