import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { described } from '../options/described.js';
import { namesOf } from '../options/option-names.js';
import { type Authenticator, type AuthMethod, authenticatorOf } from '../pipeline/auth-method.js';
import { composeMethods } from '../pipeline/composition.js';
import { assertDisjoint } from '../pipeline/disjoint-methods.js';
import {
  METHOD_OPTION_NAMES,
  type MethodOptions,
  type MethodSettings,
  resolveMethodSettings,
} from '../pipeline/method-settings.js';
import { asMiddleware } from '../pipeline/middleware.js';

/** Options of {@link jwtAuth}. They apply to all its methods, in place of the methods' own settings. */
export interface JwtAuthOptions extends MethodOptions {
  /**
   * Auth methods in order of precedence: if several recognise a credential of a request, the first one names the
   * principal.
   */
  methods: readonly AuthMethod[];
}

/** Resolved {@link JwtAuthOptions}. */
interface JwtAuthConfig {
  readonly settings: MethodSettings;
  readonly methods: readonly Authenticator[];
}

function resolveMethods(methods: readonly AuthMethod[]): readonly Authenticator[] {
  if (!Array.isArray(methods) || methods.length === 0) {
    const given = `and this is ${described(methods)}`;
    throw new ConfigurationError(
      'jwtAuth.methods',
      `expects a non-empty array of auth methods, [first, second], ${given}`,
    );
  }
  const expected = 'expects what consumerJwt(), defineMethod() or another auth method factory returns';
  const authenticators = methods.map((method: AuthMethod, index) =>
    authenticatorOf(`jwtAuth.methods[${index}]`, method, expected),
  );
  if (new Set(authenticators).size !== authenticators.length) {
    throw new ConfigurationError('jwtAuth.methods', 'lists one method twice');
  }
  assertDisjoint('jwtAuth.methods', authenticators);
  return authenticators;
}

function resolveJwtAuth(options: JwtAuthOptions): JwtAuthConfig {
  checkOptionNames('jwtAuth', options, namesOf<JwtAuthOptions>()({ methods: true }, METHOD_OPTION_NAMES));
  const methods = resolveMethods(options.methods);
  return { settings: resolveMethodSettings('jwtAuth', options), methods };
}

/**
 * Creates an auth method that composes several: a request is authenticated by the method that recognises its
 * credential.
 *
 * A method that recognises a credential decides about it: its refusal is the answer, and no other method is asked.
 * Every credential that a request presents must verify. Tokens in one place are routed by their exact issuer; those of
 * no configured issuer go to the consumer method.
 *
 * ```ts
 * app.use(jwtAuth({ methods: [consumerJwt({ consumers })] }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown or wrong, or the methods cannot be told apart.
 */
export function jwtAuth(options: JwtAuthOptions): AuthMethod {
  const { settings, methods } = resolveJwtAuth(options);
  return asMiddleware(settings, composeMethods(methods, settings.users));
}
