import { fromStore } from '../../errors/application-code.js';
import { InvalidTokenError } from '../../errors/auth-error.js';
import type { Principal } from '../../principal/principal.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { assertTokenChecks, type TokenChecks } from '../../verification/token-checks.js';
import { checkOf, type RevocationList } from './revocation-list.js';
import { originClaims, type TokenOrigin } from './token-origin.js';

/** A genuine local token. */
export interface LocalRead {
  readonly principal: Principal;
  readonly origin: TokenOrigin | undefined;
  readonly jti: string;
  readonly exp: number;
}

/** Who knows of withdrawals: the list of the method, and the application's `isRevoked`. */
interface Withdrawals {
  readonly revocations: RevocationList;
  readonly checks: TokenChecks;
}

const WITHDRAWN = { problem: 'it was withdrawn here' };

/**
 * Refuses a token that was withdrawn, by its own name or by that of the sign-in behind it.
 * @throws {InvalidTokenError} `token_revoked`.
 * @throws {ServiceUnavailableError} when nobody can say.
 */
export async function assertNotWithdrawn(
  { revocations, checks: { isRevoked } }: Withdrawals,
  { origin, jti }: LocalRead,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<void> {
  const { token } = presented;
  const { header, claims } = presented.read();
  const before = origin && originClaims(origin, claims);
  const check = checkOf(revocations);
  const isGood = await fromStore('localToken.revocations', revocations, async () => {
    if (check === undefined) return !(await revocations.isRevoked(jti));
    const asked = [claims, ...(before === undefined ? [] : [before])].map((each) => check(each, { token }));
    return (await Promise.all(asked)).every((isRevoked) => isRevoked === false);
  });
  if (!isGood) throw new InvalidTokenError('token_revoked', { detail: WITHDRAWN });
  if (before !== undefined)
    await assertTokenChecks({ validators: [], isRevoked }, { token, header, claims: before, req });
}
