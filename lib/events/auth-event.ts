import type { IncomingMessage } from 'node:http';
import type { AuthError } from '../errors/auth-error.js';
import type { AuthErrorCode } from '../errors/error-codes.js';
import type { ErrorDetail } from '../errors/error-detail.js';

/** Facts that identify the request of an event in an access log, without the query, which may carry a credential. */
export interface RequestFacts {
  /** `req.id` where a logger or framework set one, else the header `x-request-id`. */
  readonly id?: string;
  /** HTTP method of the request. */
  readonly method: string;
  /** Path as the client sent it, without the query; at most 200 characters. */
  readonly path: string;
}

/**
 * Event that a method reports to the operator. No event carries a token, a secret or a personal datum; `code` is
 * precise even where the client saw only `invalid_token`.
 */
export type AuthEvent =
  | KeyEvent
  | {
      readonly type: 'accepted';
      readonly method: string;
      readonly principalType: string;
      readonly credentialId?: string;
      readonly request: RequestFacts;
    }
  | {
      readonly type: 'refused';
      /** Name of the auth method that refused, or, when a guard refused, of the method before the guard. */
      readonly method: string;
      readonly code: AuthErrorCode;
      readonly status: number;
      /** Sentence that belongs to the code. */
      readonly reason: string;
      /** Facts about what was wrong. */
      readonly detail?: ErrorDetail;
      readonly error: AuthError;
      readonly request: RequestFacts;
    }
  | {
      readonly type: 'anonymous';
      readonly method: string;
      readonly code: AuthErrorCode;
      readonly request: RequestFacts;
    }
  | ClaimEvent;

/** Event for a claim under a default path whose shape its field does not take, so that it counts as absent. */
export interface ClaimEvent {
  readonly type: 'claim_ignored';
  /** Name of the auth method. */
  readonly method: string;
  /** Field of the option `claims` whose default path names the claim. */
  readonly field: string;
  /** Name of the claim; its value is never told. */
  readonly claim?: string;
}

/**
 * Event of a key source: keys were loaded, a load failed, or a key was left out. A failed load tells whether older keys
 * are still in use.
 */
export type KeyEvent =
  | { readonly type: 'keys_loaded'; readonly source: string; readonly keyCount: number }
  | { readonly type: 'keys_failed'; readonly source: string; readonly reason: string; readonly servingStale: boolean }
  | { readonly type: 'key_dropped'; readonly source: string; readonly kid?: string; readonly reason: string };

/**
 * Receives events, with the request where one is the cause; keys may be loaded without one. What the listener throws is
 * ignored, because observing must not change the answer.
 */
export type OnEvent = (event: AuthEvent, req?: IncomingMessage) => void;

/** Calls every listener with an event, and ignores what they throw. */
export function emit(listeners: readonly OnEvent[], event: AuthEvent, req?: IncomingMessage): void {
  for (const listener of listeners) {
    try {
      const answer: unknown = listener(event, req);
      // Listeners may be async although the type says otherwise; an unhandled rejection would end the process.
      if (answer !== undefined) Promise.resolve(answer).catch(() => undefined);
    } catch {
      // A failing listener must not fail the request.
    }
  }
}
