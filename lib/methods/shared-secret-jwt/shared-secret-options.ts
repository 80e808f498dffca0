import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertAudiences, assertIssuer } from '../../issuers/issuer-texts.js';
import type { HmacAlgorithm } from '../../keys/algorithms.js';
import type { KeySource } from '../../keys/key-source.js';
import type { SharedSecret } from '../../keys/shared-secret-keys.js';
import { resolveHmacAlgorithms } from '../../keys/token-algorithms.js';
import { assertNonEmptyString, assertNotUndefined, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import { resolveTokenPolicy, type TokenPolicy } from '../../pipeline/token-policy.js';
import type { Subjects } from '../../principal/subject-kind.js';
import { DEFAULT_CLAIMS } from '../../principal/token-identity.js';
import { resolveSecrets } from './shared-secrets.js';

/** Options of {@link sharedSecretJwt}. */
export interface SharedSecretJwtOptions extends TokenOptions {
  /**
   * Secret that signs the tokens, or several: a text, bytes, an imported key, or `{ secret, kid?, secretEncoding? }`.
   * Of several, the one that a token's `kid` names verifies it, or the first that fits, so that a secret can be
   * replaced without an outage. It must be as long as the hash: 32, 48 or 64 bytes for HS256, HS384 and HS512, unless
   * `allowWeakSecret: true` stands beside it.
   * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.2 | RFC 7518 section 3.2}
   */
  secret: SharedSecret | readonly SharedSecret[] | undefined;
  /**
   * Signature algorithms that tokens may use.
   * @default ['HS256']
   */
  algorithms?: readonly HmacAlgorithm[] | undefined;
  /**
   * Issuer that tokens must name in `iss`, or several. One subject of two issuers is two persons.
   * @default undefined, any issuer or none; persons in a token without one belong to the method's name. In `jwtAuth`
   * not the names that other methods give to their people (`as`, the name of a `defineMethod`)
   */
  issuer?: string | readonly string[] | undefined;
  /**
   * Accepted audience, or several, one of which a token must name.
   * @default undefined, not checked
   */
  audience?: string | readonly string[] | null | undefined;
  /**
   * Whether tokens stand for persons or programs: `'user'`, `'client'`, `'auto'` by the claims of known providers, or a
   * function of the claims.
   * @default 'user'
   */
  subjects?: Subjects | undefined;
}

const OPTION_NAMES = namesOf<SharedSecretJwtOptions>()(
  { secret: true, algorithms: true, issuer: true, audience: true },
  TOKEN_OPTION_NAMES,
);

/** Resolved {@link SharedSecretJwtOptions}. */
export interface SharedSecretConfig extends TokenPolicy {
  readonly settings: MethodSettings;
  readonly keys: KeySource;
  readonly algorithms: readonly HmacAlgorithm[];
  /** `undefined`: any issuer or none. */
  readonly issuers: ReadonlySet<string> | undefined;
  readonly audiences: readonly string[] | undefined;
  /** Names that other methods beside this one give to their people, which no token of this one may claim. */
  readonly reserved: Set<string>;
  /** Whether clients of several issuers are accepted, here or beside this method, so that ids tell them apart. */
  readonly ids: { areShared: boolean };
}

const FACTORY = 'sharedSecretJwt';

function resolveIssuers(issuer: unknown): ReadonlySet<string> | undefined {
  if (issuer === undefined) return undefined;
  const issuers: readonly unknown[] = Array.isArray(issuer) ? issuer : [issuer];
  if (issuers.length === 0)
    throw new ConfigurationError(
      `${FACTORY}.issuer`,
      'is an empty list, so every token would be refused; leave it out to take any issuer',
    );
  const all = new Set<string>();
  for (const each of issuers) {
    assertIssuer(`${FACTORY}.issuer`, each);
    all.add(each);
  }
  return all;
}

function resolveAudiences(audience: unknown): readonly string[] | undefined {
  const option = `${FACTORY}.audience`;
  if (audience === undefined || audience === null) return undefined;
  if (typeof audience === 'string') assertNonEmptyString(option, audience);
  const audiences: unknown = typeof audience === 'string' ? [audience] : audience;
  assertStrings(option, audiences);
  assertAudiences(option, audiences);
  return [...audiences];
}

/**
 * Resolves {@link SharedSecretJwtOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function resolveSharedSecretJwt(options: SharedSecretJwtOptions): SharedSecretConfig {
  checkOptionNames(FACTORY, options, OPTION_NAMES);
  assertNotUndefined(FACTORY, options, ['secret', 'issuer', 'audience']);
  const { subjects = 'user' } = options;
  const issuers = resolveIssuers(options.issuer);
  const algorithms = resolveHmacAlgorithms(`${FACTORY}.algorithms`, options.algorithms);
  return {
    settings: resolveMethodSettings(FACTORY, options),
    ...resolveTokenPolicy(FACTORY, { ...options, subjects }, DEFAULT_CLAIMS),
    algorithms,
    keys: resolveSecrets(`${FACTORY}.secret`, options.secret, algorithms),
    issuers,
    reserved: new Set(),
    ids: { areShared: issuers?.size !== 1 },
    audiences: resolveAudiences(options.audience),
  };
}
