// SPDX-License-Identifier: Apache-2.0
/** A member of the request that the server refused, and why. */
export interface FieldError {
  /** JSON pointer into the request's body: "/config/signIn/issuers/0/name". */
  pointer: string;
  detail: string;
}

/** What an RFC 9457 answer holds, as the admin API writes it. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string | null;
  errors?: FieldError[] | null;
  reason?: string | null;
  reasonDetail?: string | null;
  fix?: string | null;
}

const prefix = 'urn:chatelaine:problem:';

/** An answer of the admin API that is not a success, thrown by `send` and by every query. `code` is the problem type's
 * last part ("changed-meanwhile"). Without an answer at all, `status` is 0 and `code` "unreachable". */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | null;
  readonly errors: readonly FieldError[];
  readonly document: ProblemDocument;
  /** Seconds to wait, where the server said so (429). */
  readonly retryAfter: number | null;

  constructor(document: ProblemDocument, retryAfter: number | null = null) {
    super(document.detail ?? document.title);
    this.name = 'ApiProblem';
    this.status = document.status;
    this.code = document.type.startsWith(prefix) ? document.type.slice(prefix.length) : document.type;
    this.title = document.title;
    this.detail = document.detail ?? null;
    this.errors = document.errors ?? [];
    this.document = document;
    this.retryAfter = retryAfter;
  }
}

/** Whatever was thrown, as a problem that can be shown. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const title = error instanceof TypeError ? 'The server did not answer' : 'Something went wrong in this page';
  const detail = error instanceof TypeError ? 'Check that Chatelaine is running and that this device is connected, then try again.' : String(error);
  return new ApiProblem({ type: `${prefix}${error instanceof TypeError ? 'unreachable' : 'page'}`, title, status: 0, detail });
}

/** The problem of an answer whose body may or may not be a problem document (a proxy in between may have written it). */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const after = Number(response.headers.get('retry-after'));
  const document = typeof body === 'object' && body !== null && 'title' in body && 'type' in body ? (body as ProblemDocument) : null;
  return new ApiProblem(
    document ? { ...document, status: document.status ?? response.status } : { type: `${prefix}http-${response.status}`, title: `The server answered ${response.status}`, status: response.status, detail: response.statusText || null },
    after > 0 ? after : null,
  );
}
