import { InvalidTokenError } from '../errors/auth-error.js';
import type { ErrorDetail } from '../errors/error-detail.js';

/** Part of a compact token that is malformed. */
export type TokenPart = 'segments' | 'header' | 'alg' | 'claims' | 'signature';

const FORM: Readonly<Record<TokenPart, ErrorDetail>> = {
  segments: {
    problem: 'the token does not consist of three segments',
    hint: 'It is opaque, or no token at all. Opaque tokens are checked by introspection; many providers give a JWT in their place to clients that ask for an audience or a resource.',
  },
  header: { problem: 'the header is not a JSON object, in UTF-8 and canonical base64url, without a member twice' },
  alg: { claim: 'alg', problem: 'is missing, or no text' },
  claims: { problem: 'the claims are not a JSON object, in UTF-8 and canonical base64url, without a member twice' },
  signature: { problem: 'the signature is not one segment of canonical base64url; it may have been cut off' },
};

/** Error for a token that the form gate refuses. `part` is for migrations that answer each case differently. */
export class MalformedTokenError extends InvalidTokenError {
  override readonly name: string = 'InvalidTokenError';
  readonly part: TokenPart;

  constructor(part: TokenPart, detail: ErrorDetail = FORM[part]) {
    super('token_malformed', { detail });
    this.part = part;
  }
}
