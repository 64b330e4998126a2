// SPDX-License-Identifier: Apache-2.0
/** A tool's document as a form works with it: what belongs together changes together. */
import { isObject, type JsonObject, pointerTo } from './json';
import { emptySchema, parameterNames } from './parameters';

/** The shape of docs/configuration.md, as an administrator writes it. */
export interface Tool {
  name: string;
  title?: string;
  description?: string;
  url: string;
  timeoutSeconds?: number;
  access?: 'public' | 'sign-in';
  requiredClaims?: string[];
  permissions?: string[];
  parameters?: JsonObject;
  bind?: Record<string, string>;
  auditValues?: string[];
  triggers?: string[];
  answer?: string;
}

export const newTool = (): Tool => ({ name: '', url: '', access: 'sign-in', parameters: emptySchema });

/** The places where a tool speaks of a parameter by name follow it to its new name. */
export function renameParameter(tool: Tool, from: string, to: string): Tool {
  if (from === to || from === '' || to === '') return tool;
  const renamed: Tool = { ...tool };
  if (tool.bind) renamed.bind = Object.fromEntries(Object.entries(tool.bind).map(([name, claim]) => [name === from ? to : name, claim]));
  if (tool.auditValues) renamed.auditValues = [...new Set(tool.auditValues.map((name) => (name === from ? to : name)))];
  if (tool.triggers) renamed.triggers = tool.triggers.map((trigger) => trigger.replaceAll(`{${from}}`, `{${to}}`));
  return renamed;
}

/** A parameter that is gone is bound to nothing and kept nowhere. (A trigger that names it is left for its author: the sentence
 * has to be written anew.) */
export function removeParameter(tool: Tool, name: string): Tool {
  const removed: Tool = { ...tool };
  if (tool.bind) removed.bind = Object.fromEntries(Object.entries(tool.bind).filter(([one]) => one !== name));
  if (tool.auditValues) removed.auditValues = tool.auditValues.filter((one) => one !== name);
  return removed;
}

/** As it is sent: nothing empty, and no demand on a visitor where the tool is for everybody. */
export function writeTool(tool: Tool): Tool {
  const written: Tool = { ...tool };
  if (tool.access === 'public') {
    delete written.requiredClaims;
    delete written.permissions;
    delete written.bind;
  }
  for (const name of ['title', 'description', 'answer', 'requiredClaims', 'permissions', 'auditValues', 'triggers', 'bind'] as const) {
    const value = written[name];
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0))
      delete written[name];
  }
  return written;
}

/** What a model is offered of a tool's parameters, in words: everything but what is bound. */
export const offeredParameters = (tool: Tool): string[] => parameterNames(tool.parameters).filter((name) => !(tool.access !== 'public' && tool.bind && name in tool.bind));

export interface PlacedError {
  pointer: string;
  detail: string;
}

/** The errors at a place of the form (`/url`), those below it included (`/parameters/properties/a`). */
export const errorsAt = (errors: readonly PlacedError[], pointer: string): PlacedError[] =>
  errors.filter((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));

/** What is wrong with one parameter: in its schema, its binding, its place in the audit log. */
export function parameterErrors(errors: readonly PlacedError[], tool: Tool, name: string): PlacedError[] {
  const audited = tool.auditValues?.indexOf(name) ?? -1;
  return [
    ...errorsAt(errors, pointerTo('/parameters/properties', name)),
    ...errorsAt(errors, pointerTo('/bind', name)),
    ...(audited >= 0 ? errorsAt(errors, `/auditValues/${audited}`) : []),
  ];
}

/** The members of the form that show their own errors; what is elsewhere is shown above. */
const shown = ['/name', '/title', '/description', '/url', '/timeoutSeconds', '/access', '/requiredClaims', '/permissions', '/parameters', '/bind', '/auditValues', '/triggers', '/answer'];
export const otherErrors = (errors: readonly PlacedError[]): PlacedError[] =>
  errors.filter((error) => !shown.some((pointer) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`)));
