import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { NextFunction } from '../errors/responder.js';
import { assertBoolean } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { createPrincipal, type Principal, setPrincipal } from '../principal/principal.js';

/** Options of {@link withPrincipal}. */
export interface WithPrincipalOptions {
  /**
   * Whether everybody is let in as this principal where `NODE_ENV` is `production`, too.
   * @default false
   */
  dangerouslyAllowProduction?: boolean | undefined;
}

/**
 * Replaces an auth method in an application's tests: it gives every request this principal and requires no token.
 * Absent members are filled in: type `user`, id `test-user`, method `test`, no groups, roles or scopes. The principal
 * is deep-frozen, as a real one is; its `user` is passed on unchanged.
 *
 * ```ts
 * app.use(withPrincipal({ groups: ['ops'], scopes: ['things:write'] }));
 * ```
 *
 * @throws {ConfigurationError} where `NODE_ENV` is `production`, unless `dangerouslyAllowProduction` is set.
 */
export function withPrincipal(
  principal: Partial<Principal> = {},
  options: WithPrincipalOptions = {},
): (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void {
  checkOptionNames('withPrincipal', options, ['dangerouslyAllowProduction']);
  const { dangerouslyAllowProduction = false } = options;
  assertBoolean('withPrincipal.dangerouslyAllowProduction', dangerouslyAllowProduction);
  if (process.env.NODE_ENV === 'production' && !dangerouslyAllowProduction)
    throw new ConfigurationError('withPrincipal', 'lets everybody in, and is not for NODE_ENV=production');
  const { user, ...fields } = principal;
  const defaults = { type: 'user', id: 'test-user', method: 'test', credential: { kind: 'test' } } as const;
  // A copy, because the principal is deep-frozen and the test's own objects must not be.
  const completed = createPrincipal({
    ...defaults,
    ...structuredClone(fields),
    ...(user === undefined ? {} : { user }),
  });
  return function withPrincipalMiddleware(req, _res, next) {
    setPrincipal(req, completed);
    next();
  };
}
