import type { AuthError } from '../errors/auth-error.js';
import type { AuthErrorCode } from '../errors/error-codes.js';

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
    }
  | {
      readonly type: 'refused';
      readonly method: string;
      readonly code: AuthErrorCode;
      readonly status: number;
      readonly error: AuthError;
    }
  | { readonly type: 'anonymous'; readonly method: string; readonly code: AuthErrorCode };

/** What a key source tells its operator. A failed load says whether older keys still serve. */
export type KeyEvent =
  | { readonly type: 'keys_loaded'; readonly source: string; readonly keyCount: number }
  | { readonly type: 'keys_failed'; readonly source: string; readonly reason: string; readonly servingStale: boolean }
  | { readonly type: 'key_dropped'; readonly source: string; readonly kid?: string; readonly reason: string };

/** Receives events. What it throws is swallowed: watching must not change the answer. */
export type OnEvent = (event: AuthEvent) => void;

/** Tells every listener, and lets none of them break the request. */
export function emit(listeners: readonly OnEvent[], event: AuthEvent): void {
  for (const listener of listeners) {
    try {
      const answer: unknown = listener(event);
      // Listeners may be async all the same; a rejection that nobody handles would end the process.
      if (answer !== undefined) Promise.resolve(answer).catch(() => undefined);
    } catch {
      // A broken listener is the operator's to find; the request must not pay for it.
    }
  }
}
