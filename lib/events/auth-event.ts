import type { IncomingMessage } from 'node:http';
import type { AuthError } from '../errors/auth-error.js';
import type { AuthErrorCode } from '../errors/error-codes.js';
import type { ErrorDetail } from '../errors/error-detail.js';

/** Which request an event is about: enough to find it in an access log, and nothing that a query may hide. */
export interface RequestFacts {
  /** `req.id`, where a logger or framework gave it one, or else the header `x-request-id`. */
  readonly id?: string;
  readonly method: string;
  /** As the client wrote it, without the query. */
  readonly path: string;
}

/**
 * What a method tells its operator. No event carries a token, a secret or a personal datum; `code`
 * is the precise one even where the client saw only its class.
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
      /** Name of the auth method, or of the one whose principal a guard refused. */
      readonly method: string;
      readonly code: AuthErrorCode;
      readonly status: number;
      /** The precise sentence of the code. */
      readonly reason: string;
      /** What exactly was wrong. */
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

/** Says that a claim under a default path has a shape that its field does not take, and counts as absent. */
export interface ClaimEvent {
  readonly type: 'claim_ignored';
  readonly method: string;
  /** The field of `claims` whose default path it is. */
  readonly field: string;
  /** The claim's name; never its value. */
  readonly claim?: string;
}

/** What a key source tells its operator. A failed load says whether older keys still serve. */
export type KeyEvent =
  | { readonly type: 'keys_loaded'; readonly source: string; readonly keyCount: number }
  | { readonly type: 'keys_failed'; readonly source: string; readonly reason: string; readonly servingStale: boolean }
  | { readonly type: 'key_dropped'; readonly source: string; readonly kid?: string; readonly reason: string };

/**
 * Receives events, with the request where one is the cause (keys are loaded for nobody in particular). What it throws
 * is swallowed: watching must not change the answer.
 */
export type OnEvent = (event: AuthEvent, req?: IncomingMessage) => void;

/** Tells every listener, and lets none of them break the request. */
export function emit(listeners: readonly OnEvent[], event: AuthEvent, req?: IncomingMessage): void {
  for (const listener of listeners) {
    try {
      const answer: unknown = listener(event, req);
      // Listeners may be async all the same; a rejection that nobody handles would end the process.
      if (answer !== undefined) Promise.resolve(answer).catch(() => undefined);
    } catch {
      // A broken listener is the operator's to find; the request must not pay for it.
    }
  }
}
