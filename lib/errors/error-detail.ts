import type { AuthErrorCode } from './error-codes.js';
import { isError, withoutCredentials } from './warnings.js';

/**
 * Facts about what was wrong, for the operator: names, times and configured values, and what a token says of its
 * issuer, audience, algorithm, key, type and times. Never the value of another claim, the token itself or a secret.
 */
export interface ErrorDetail {
  /** Name of the claim or header parameter that is wrong. */
  readonly claim?: string | undefined;
  /** What is wrong with the claim, in a few words, for example `is missing`. */
  readonly problem?: string | undefined;
  /** Configured values that would have been accepted. */
  readonly expected?: string | readonly string[] | undefined;
  /** What the token says instead of `expected`, at most 200 characters. */
  readonly received?: string | undefined;
  /** Probable cause, and what to do about it. */
  readonly hint?: string | undefined;
}

/** Facts that an {@link AuthError} carries beside its code. */
export interface AuthErrorOptions {
  /**
   * Exception that led to this error. It is kept for logs and never reaches a client.
   * @default none
   */
  cause?: unknown;
  /**
   * Facts about what was wrong, for the operator.
   * @default none
   */
  detail?: ErrorDetail | undefined;
  /**
   * Parameters of the challenge, for example `scope` (RFC 6750 section 3) or `max_age` (RFC 9470 section 3).
   * @default none
   */
  challenge?: Readonly<Record<string, string | undefined>>;
}

/** Longest received text that is quoted, in characters. */
const MAX_RECEIVED = 200;

const shortened = (text: string) => (text.length > MAX_RECEIVED ? `${text.slice(0, MAX_RECEIVED - 1)}…` : text);

/**
 * Writes a received value as text for logs: at most 200 characters, on one line. Texts, numbers and lists are quoted;
 * of any other value only its type is named.
 */
export function received(value: unknown): string {
  if (typeof value === 'string') return shortened(value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return shortened(value.slice(0, 20).map(received).join(', '));
  return kindOf(value);
}

/** Names the type of a value, where the value itself must not be quoted. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const listed = (values: string | readonly string[]) => (typeof values === 'string' ? values : values.join(', '));

/** Writes a reason and its detail as one to three sentences. */
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

/** Caught exception in the form for loggers. */
export interface SerializedCause {
  /** Name of the exception's class. */
  readonly name: string;
  /** Message, without what looks like a credential. */
  readonly message: string;
  /** Exception that led to this one. */
  readonly cause?: SerializedCause;
}

/** Result of `AuthError.toJSON()`, for loggers. */
export interface SerializedAuthError {
  /** Name of the error's class. */
  readonly name: string;
  /** Precise, stable code. */
  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** Public message. */
  readonly message: string;
  /** Sentence that belongs to the code. */
  readonly reason: string;
  /** Facts about what was wrong. */
  readonly detail?: ErrorDetail;
  /** Exception that led to the error. */
  readonly cause?: SerializedCause;
}

/** Longest chain of causes that is written out. */
const MAX_CAUSES = 5;

/**
 * Returns the names and messages of a chain of causes, without what looks like a credential. Of a value that is no
 * error only its type is named, and its text where it is one.
 */
export function serializedCause(cause: unknown, depth = 1): SerializedCause {
  if (!isError(cause)) {
    return { name: kindOf(cause), message: typeof cause === 'string' ? shortened(withoutCredentials(cause)) : '' };
  }
  const own = { name: cause.name, message: withoutCredentials(cause.message) };
  if (cause.cause === undefined || depth === MAX_CAUSES) return own;
  return { ...own, cause: serializedCause(cause.cause, depth + 1) };
}
