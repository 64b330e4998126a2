// SPDX-License-Identifier: Apache-2.0
// WebAuthn between the admin API's JSON and the browser's buffers (Web Authentication level 3, section 5.1).
import type { components } from '../../api/schema.generated';

type RequestOptions = components['schemas']['PasskeyRequestOptions'];
type CreationOptions = components['schemas']['PasskeyCreationOptions'];

export const hasPasskeys = (): boolean => typeof PublicKeyCredential !== 'undefined' && isSecureContext;

/** Whether the browser offers passkeys among what it fills into the e-mail field. */
export const canOfferInField = async (): Promise<boolean> => hasPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
}

export function toBase64Url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const withBytes = (list: RequestOptions['allowCredentials']) =>
  list.map(({ id, transports }) => ({ type: 'public-key' as const, id: fromBase64Url(id), transports: transports as AuthenticatorTransport[] }));

/** A passkey's word for this sign-in, in the form the admin API takes. */
export async function usePasskeyOnce(options: RequestOptions, mediation: CredentialMediationRequirement = 'optional', signal?: AbortSignal) {
  const credential = (await navigator.credentials.get({
    mediation,
    ...(signal ? { signal } : {}),
    publicKey: { ...options, challenge: fromBase64Url(options.challenge), allowCredentials: withBytes(options.allowCredentials) },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: credential.id,
    type: 'public-key' as const,
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      authenticatorData: toBase64Url(response.authenticatorData),
      signature: toBase64Url(response.signature),
      userHandle: response.userHandle ? toBase64Url(response.userHandle) : null,
    },
  };
}

/** Makes a passkey on this device. */
export async function makePasskey(options: CreationOptions) {
  const { excludeCredentials, user, challenge, pubKeyCredParams, ...rest } = options;
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...rest,
      pubKeyCredParams: [...pubKeyCredParams],
      challenge: fromBase64Url(challenge),
      user: { ...user, id: fromBase64Url(user.id) },
      excludeCredentials: withBytes(excludeCredentials),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    id: credential.id,
    rawId: credential.id,
    type: 'public-key' as const,
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      authenticatorData: toBase64Url(response.getAuthenticatorData()),
      transports: response.getTransports(),
    },
  };
}

/** Why the browser gave none, in words; null where the person just closed its window. */
export function passkeyProblem(error: unknown): string | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === 'AbortError' || error.name === 'NotAllowedError') return null;
  if (error.name === 'InvalidStateError') return 'This device has a passkey for this account already.';
  if (error.name === 'SecurityError') return 'Passkeys work over https and under a name, not under a bare address. Open the dashboard by its name.';
  return `The browser refused: ${error.message}`;
}
