import { ForbiddenError, UnauthorizedError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import type { PrincipalType } from '../principal/principal.js';
import { type Guard, guard } from './guard.js';

const TYPES: readonly PrincipalType[] = ['consumer', 'user', 'client', 'api-key', 'anonymous'];

/**
 * Requires a principal. A request without one is a 401, and so is an anonymous one unless `type` includes it.
 * @param options `type`: the kind, or kinds, of principal that may pass; any other is a 403 `insufficient_claim`.
 * @throws {ConfigurationError} when a type does not exist.
 */
export function requirePrincipal(options: { type?: PrincipalType | readonly PrincipalType[] } = {}): Guard {
  checkOptionNames('requirePrincipal', options, ['type']);
  const types = options.type === undefined ? TYPES.filter((type) => type !== 'anonymous') : [options.type].flat();
  if (types.length === 0 || types.some((type) => !TYPES.includes(type))) {
    throw new ConfigurationError(
      'requirePrincipal.type',
      `expects one or more of ${TYPES.join(', ')}; roles are asked by requireRoles(), scopes by requireScopes()`,
    );
  }
  return guard('requirePrincipal', ({ type }) => {
    if (types.includes(type)) return undefined;
    return type === 'anonymous'
      ? new UnauthorizedError('credentials_missing')
      : new ForbiddenError('insufficient_claim');
  });
}
