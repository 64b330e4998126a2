// SPDX-License-Identifier: Apache-2.0
/** An appearance as the form changes it: what the form does not know stays, and what is empty is not written. */
import { isObject, type Json, type JsonObject } from './json';

/** A member at a place of at most two steps, such as "colors.primary". Empty where it is no text. */
export function textAt(appearance: JsonObject, place: string): string {
  const [first = '', second] = place.split('.');
  const value = appearance[first];
  const found = second === undefined ? value : isObject(value) ? value[second] : undefined;
  return typeof found === 'string' ? found : '';
}

export function withText(appearance: JsonObject, place: string, text: string): JsonObject {
  const [first = '', second] = place.split('.');
  if (second === undefined) return set(appearance, first, text || undefined);
  const inner = set(isObject(appearance[first]) ? (appearance[first] as JsonObject) : {}, second, text || undefined);
  return set(appearance, first, Object.keys(inner).length > 0 ? inner : undefined);
}

function set(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _gone, ...rest } = object;
  return rest;
}

/** A length of CSS, of the kinds that a size is said in. */
export const isLength = (text: string): boolean => /^\d+(\.\d+)?(px|rem|em|vw|vh|dvh|%)$/.test(text.trim());

/** What somebody types as a size: a bare number is pixels. */
export const lengthFrom = (text: string): string => (/^\d+(\.\d+)?$/.test(text.trim()) ? `${text.trim()}px` : text.trim());
