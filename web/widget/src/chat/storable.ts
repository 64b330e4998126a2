// SPDX-License-Identifier: Apache-2.0
/** What JSON and a database can keep of a text: all but NUL and halves of characters, such as a pasted, cut emoji leaves. */
export const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '');
