import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
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

/** Options of {@link jwtAuth}. They hold for all its methods, whatever those say for themselves. */
export interface JwtAuthOptions extends MethodOptions {
  /** In order of precedence: the principal is that of the first method that recognised a credential. */
  methods: readonly AuthMethod[];
}

interface JwtAuthConfig {
  readonly settings: MethodSettings;
  readonly methods: readonly Authenticator[];
}

function resolveMethods(methods: readonly AuthMethod[]): readonly Authenticator[] {
  if (!Array.isArray(methods) || methods.length === 0) {
    throw new ConfigurationError('jwtAuth.methods', 'expects a non-empty array of auth methods');
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
 * Several auth methods, one principal.
 *
 * A method that recognises a credential as its own decides: its failure is the answer, and no weaker method is
 * asked. Every credential that a request presents must verify. Tokens in one place are routed by exact issuer,
 * what is left belongs to the consumer method.
 *
 * ```ts
 * app.use(jwtAuth({ methods: [consumerJwt({ consumers })] }));
 * ```
 *
 * @throws ConfigurationError at creation.
 */
export function jwtAuth(options: JwtAuthOptions): AuthMethod {
  const { settings, methods } = resolveJwtAuth(options);
  return asMiddleware(settings, composeMethods(methods, settings.users));
}
