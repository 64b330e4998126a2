// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, send } from '../../api/client';
import { forget } from '../../api/resource';
import type { Issuer } from './issuer';

/** Makes an issuer whose tokens your own backend signs; its secret comes afterwards. */
export function useNewSigner(environment: string, onDone?: (name: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => send(api.POST('/environments/{environment}/issuers', { params: { path: { environment } }, body: { name, mode: 'hmac' } satisfies Issuer })),
    onSuccess: async (_, name) => {
      await forget(client, '/environments/{environment}/');
      onDone?.(name);
    },
  });
}
