import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertDate, assertNonEmptyString, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { MAX_TOKEN_BYTES } from '../../tokens/compact-token.js';
import { isPlainRecord } from '../../tokens/strict-json.js';
import { isLocalType, LOCAL_TOKEN_TYPE, localClaims } from './local-claims.js';
import type { LocalKey } from './local-keys.js';
import type { IssuedToken, TokenOwner } from './local-token-method.js';

/** Keys and claims that tokens are issued with. */
export interface LocalIssuer {
  readonly keys: readonly [LocalKey, ...LocalKey[]];
  readonly issuer: string;
  readonly audience: string;
  /** Default lifetime of a token in seconds. */
  readonly ttl: number;
}

const OPTION = 'localToken.issue';
/** Longest lifetime of a token in seconds. */
export const YEAR = 31_536_000;

function assertOwner(owner: unknown): void {
  if (!isPlainRecord(owner)) throw new ConfigurationError(OPTION, 'expects a principal');
  const { type, id } = owner;
  if (type === 'anonymous') throw new ConfigurationError(OPTION, 'issues no token to nobody');
  if (!isLocalType(type)) throw new ConfigurationError(OPTION, 'expects a principal of a type that there is');
  assertNonEmptyString(OPTION, id);
}

/** Returns the end of the owner's credential, in milliseconds since the epoch. */
function endOf({ credential }: TokenOwner): number {
  const end = credential?.expiresAt;
  if (end === undefined) return Number.POSITIVE_INFINITY;
  // A principal parsed from JSON has a text here.
  assertDate(`${OPTION}.credential.expiresAt`, end);
  return end.getTime();
}

/** Makes the result of `issue`, which converts to the token where a text is needed. */
function issued(token: string, exp: number): IssuedToken {
  return Object.defineProperty({ token, expiresAt: new Date(exp * 1000) }, 'toString', { value: () => token });
}

/**
 * Issues a local token. It does not outlive the credential of its owner.
 * @throws {ConfigurationError} when the owner or the lifetime is wrong.
 * @throws {InvalidTokenError} `token_expired` when the owner's credential has ended, `token_too_large` when no method
 * would accept the token.
 */
export async function issueLocal(
  { keys, issuer, audience, ttl: usual }: LocalIssuer,
  owner: TokenOwner,
  options: { ttl?: number },
): Promise<IssuedToken> {
  checkOptionNames(OPTION, options, ['ttl']);
  const { ttl = usual } = options;
  assertSeconds(`${OPTION}.ttl`, ttl, { min: 1, max: YEAR });
  assertOwner(owner);
  const now = Math.floor(Date.now() / 1000);
  const exp = Math.min(now + Math.floor(ttl), Math.floor(endOf(owner) / 1000));
  // An expired credential still passes within the clock tolerance, but no token is issued for it.
  if (exp <= now) throw new InvalidTokenError('token_expired');
  const [{ kid, signing, verifying }] = keys;
  const token = await new SignJWT({ ...localClaims(owner, issuer), jti: randomUUID(), iat: now, exp })
    .setIssuer(issuer)
    .setAudience(audience)
    .setProtectedHeader({ alg: verifying.algorithm, kid, typ: LOCAL_TOKEN_TYPE })
    .sign(signing);
  // The form gate would refuse it.
  if (token.length > MAX_TOKEN_BYTES) throw new InvalidTokenError('token_too_large');
  return issued(token, exp);
}
