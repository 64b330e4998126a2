// SPDX-License-Identifier: Apache-2.0
/** A sentence of the server's, in which code stands between backticks. */
export function Ticked({ text }: { text: string }) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
