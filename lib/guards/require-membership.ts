import { type AuthError, ForbiddenError, InsufficientScopeError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { Principal } from '../principal/principal.js';
import { type Guard, guard } from './guard.js';

type Membership = 'scopes' | 'groups' | 'roles';

function membershipGuard(
  name: string,
  membership: Membership,
  mode: 'all' | 'any',
  wanted: readonly string[],
  failure: () => AuthError,
): Guard {
  if (wanted.length === 0 || wanted.some((item) => typeof item !== 'string' || item === '')) {
    throw new ConfigurationError(name, 'expects one or more names, each an argument of its own');
  }
  const holds = (principal: Principal) => (item: string) => principal[membership].includes(item);
  return guard(name, (principal) => {
    const enough = mode === 'all' ? wanted.every(holds(principal)) : wanted.some(holds(principal));
    return enough ? undefined : failure();
  });
}

/** RFC 6749 section 3.3: a scope has no spaces, so `'a b'` would never match and is two scopes written as one. */
function assertScopes(name: string, scopes: readonly string[]): void {
  if (scopes.some((scope) => typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw new ConfigurationError(name, 'expects one scope per argument, without spaces, quotes or backslashes');
  }
}

/** Asks for every one of the scopes; else 403 `insufficient_scope`, naming all in the challenge (RFC 6750 section 3.1). */
export function requireScopes(...all: string[]): Guard {
  assertScopes('requireScopes', all);
  return membershipGuard('requireScopes', 'scopes', 'all', all, () => new InsufficientScopeError(all));
}

/** Asks for at least one of the scopes; else 403 `insufficient_scope`, naming all in the challenge. */
export function requireAnyScope(...any: string[]): Guard {
  assertScopes('requireAnyScope', any);
  return membershipGuard('requireAnyScope', 'scopes', 'any', any, () => new InsufficientScopeError(any));
}

/** Asks for membership in every one of the groups; else 403 `insufficient_group`. */
export function requireGroups(...all: string[]): Guard {
  return membershipGuard('requireGroups', 'groups', 'all', all, () => new ForbiddenError('insufficient_group'));
}

/** Asks for membership in at least one of the groups; else 403 `insufficient_group`. */
export function requireAnyGroup(...any: string[]): Guard {
  return membershipGuard('requireAnyGroup', 'groups', 'any', any, () => new ForbiddenError('insufficient_group'));
}

/** Asks for every one of the roles; else 403 `insufficient_role`. */
export function requireRoles(...all: string[]): Guard {
  return membershipGuard('requireRoles', 'roles', 'all', all, () => new ForbiddenError('insufficient_role'));
}

/** Asks for at least one of the roles; else 403 `insufficient_role`. */
export function requireAnyRole(...any: string[]): Guard {
  return membershipGuard('requireAnyRole', 'roles', 'any', any, () => new ForbiddenError('insufficient_role'));
}
