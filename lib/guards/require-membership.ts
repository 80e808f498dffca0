import { type AuthError, ForbiddenError, InsufficientScopeError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertCalled } from '../options/check-options.js';
import { described } from '../options/described.js';
import type { Principal } from '../principal/principal.js';
import { type Guard, guard } from './guard.js';

type Membership = 'scopes' | 'groups' | 'roles';

/** What came in place of names. */
function describedNames([first, ...others]: readonly unknown[]): string {
  if (Array.isArray(first) && others.length === 0) return ', and this is a list: put ... before it';
  return first === undefined ? ': is the environment variable set?' : `, and this is ${described(first)}`;
}

function membershipGuard(
  name: string,
  membership: Membership,
  mode: 'all' | 'any',
  wanted: readonly string[],
  failure: () => AuthError,
): Guard {
  assertCalled(name, wanted[0]);
  if (wanted.length === 0 || wanted.some((item) => typeof item !== 'string' || item === '')) {
    throw new ConfigurationError(
      name,
      `expects one or more names, each an argument of its own${describedNames(wanted)}`,
    );
  }
  const holds = (principal: Principal) => (item: string) => principal[membership].includes(item);
  return guard(name, (principal) => {
    const enough = mode === 'all' ? wanted.every(holds(principal)) : wanted.some(holds(principal));
    return enough ? undefined : failure();
  });
}

/**
 * Refuses scopes that no token can contain, such as `'a b'`, which is two scopes in one argument (RFC 6749 section
 * 3.3).
 */
function assertScopes(name: string, scopes: readonly string[]): void {
  assertCalled(name, scopes[0]);
  if (scopes.some((scope) => typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    const isSeveral = typeof scopes[0] === 'string' && scopes[0].includes(' ');
    const given = isSeveral ? `, as in ${name}('read', 'write')` : describedNames(scopes);
    throw new ConfigurationError(name, `expects one scope per argument, without spaces, quotes or backslashes${given}`);
  }
}

/**
 * Requires all of the scopes. A request that lacks one is a 403 `insufficient_scope`, and its challenge names them all.
 * @throws {ConfigurationError} without a scope, or when an argument is not one scope.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 section 3.1}
 */
export function requireScopes(...all: string[]): Guard {
  assertScopes('requireScopes', all);
  return membershipGuard('requireScopes', 'scopes', 'all', all, () => new InsufficientScopeError(all));
}

/**
 * Requires at least one of the scopes. A request that has none is a 403 `insufficient_scope`, and its challenge names
 * them all.
 * @throws {ConfigurationError} without a scope, or when an argument is not one scope.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 section 3.1}
 */
export function requireAnyScope(...any: string[]): Guard {
  assertScopes('requireAnyScope', any);
  return membershipGuard('requireAnyScope', 'scopes', 'any', any, () => new InsufficientScopeError(any));
}

/**
 * Requires membership in all of the groups. A request that lacks one is a 403 `insufficient_group`.
 * @throws {ConfigurationError} without a group, or when an argument is not a name.
 */
export function requireGroups(...all: string[]): Guard {
  return membershipGuard('requireGroups', 'groups', 'all', all, () => new ForbiddenError('insufficient_group'));
}

/**
 * Requires membership in at least one of the groups. A request that has none is a 403 `insufficient_group`.
 * @throws {ConfigurationError} without a group, or when an argument is not a name.
 */
export function requireAnyGroup(...any: string[]): Guard {
  return membershipGuard('requireAnyGroup', 'groups', 'any', any, () => new ForbiddenError('insufficient_group'));
}

/**
 * Requires all of the roles. A request that lacks one is a 403 `insufficient_role`.
 * @throws {ConfigurationError} without a role, or when an argument is not a name.
 */
export function requireRoles(...all: string[]): Guard {
  return membershipGuard('requireRoles', 'roles', 'all', all, () => new ForbiddenError('insufficient_role'));
}

/**
 * Requires at least one of the roles. A request that has none is a 403 `insufficient_role`.
 * @throws {ConfigurationError} without a role, or when an argument is not a name.
 */
export function requireAnyRole(...any: string[]): Guard {
  return membershipGuard('requireAnyRole', 'roles', 'any', any, () => new ForbiddenError('insufficient_role'));
}
