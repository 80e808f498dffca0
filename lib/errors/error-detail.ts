import type { AuthErrorCode } from './error-codes.js';
import { isError, withoutCredentials } from './warnings.js';

/**
 * What exactly was wrong, for the operator: names, times and configured values, and what a token says of its issuer,
 * audience, algorithm, key, type and times. Never another claim's value, the token itself or a secret.
 */
export interface ErrorDetail {
  /** The claim or header parameter that it is about. */
  readonly claim?: string | undefined;
  /** What is wrong with it, in a few words, for example `is missing`. */
  readonly problem?: string | undefined;
  /** What would have been right, as configured. */
  readonly expected?: string | readonly string[] | undefined;
  /** What the token says instead, at most 200 characters. */
  readonly received?: string | undefined;
  /** What probably happened, and what to do about it. */
  readonly hint?: string | undefined;
}

/** What an error may carry beside its code. */
export interface AuthErrorOptions {
  /** What was caught. Kept for logs on this side; it never reaches a client. */
  cause?: unknown;
  /** What exactly was wrong; see {@link ErrorDetail}. */
  detail?: ErrorDetail | undefined;
  /** Parameters for the challenge, for example `scope` (RFC 6750 section 3) or `max_age` (RFC 9470). */
  challenge?: Readonly<Record<string, string | undefined>>;
}

/** How much of what a client sent is told, in characters. */
const MAX_RECEIVED = 200;

const shortened = (text: string) => (text.length > MAX_RECEIVED ? `${text.slice(0, MAX_RECEIVED - 1)}…` : text);

/**
 * What a client sent, as a text for logs: at most 200 characters, on one line, and of anything but texts, numbers and
 * lists of texts no more than what it is.
 */
export function received(value: unknown): string {
  if (typeof value === 'string') return shortened(value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return shortened(value.slice(0, 20).map(received).join(', '));
  return kindOf(value);
}

/** What a value is, where nothing may be said of the value itself. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const listed = (values: string | readonly string[]) => (typeof values === 'string' ? values : values.join(', '));

/** One or two sentences out of a reason and its detail. */
export function sentenceOf(reason: string, detail: ErrorDetail | undefined): string {
  if (detail === undefined) return reason;
  const { claim, problem, expected, received: got, hint } = detail;
  const subject = [claim, problem].filter((part) => part !== undefined).join(' ');
  const parts = [
    subject,
    expected === undefined ? '' : `expected ${listed(expected)}`,
    got === undefined ? '' : `received ${got}`,
  ].filter((part) => part !== '');
  const facts = parts.length === 0 ? [] : [`${parts.join('; ')}.`];
  return [reason, ...facts, ...(hint === undefined ? [] : [hint])].join(' ');
}

/** An exception that was caught, as loggers want it. */
export interface SerializedCause {
  readonly name: string;
  readonly message: string;
  readonly cause?: SerializedCause;
}

/** What `AuthError.toJSON` gives to loggers. */
export interface SerializedAuthError {
  readonly name: string;
  readonly code: AuthErrorCode;
  readonly status: number;
  readonly message: string;
  readonly reason: string;
  readonly detail?: ErrorDetail;
  readonly cause?: SerializedCause;
}

/** Longer chains of causes than this are cut off. */
const MAX_CAUSES = 5;

/** The names and messages of a chain of causes, without what looks like a credential; of what is no error, what it is. */
export function serializedCause(cause: unknown, depth = 1): SerializedCause {
  if (!isError(cause)) {
    return { name: kindOf(cause), message: typeof cause === 'string' ? shortened(withoutCredentials(cause)) : '' };
  }
  const own = { name: cause.name, message: withoutCredentials(cause.message) };
  if (cause.cause === undefined || depth === MAX_CAUSES) return own;
  return { ...own, cause: serializedCause(cause.cause, depth + 1) };
}
