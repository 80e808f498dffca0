import { InvalidTokenError } from '../errors/auth-error.js';

/** The part of a compact token that is not well formed. */
export type TokenPart = 'segments' | 'header' | 'alg' | 'claims' | 'signature';

/** A token that the form gate refuses; `part` is for migrations that word each refusal differently. */
export class MalformedTokenError extends InvalidTokenError {
  override readonly name: string = 'InvalidTokenError';
  readonly part: TokenPart;

  constructor(part: TokenPart) {
    super('token_malformed');
    this.part = part;
  }
}
