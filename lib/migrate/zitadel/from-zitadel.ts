import { ConfigurationError } from '../../errors/configuration-error.js';
import type { WafTokenOptions } from '../../methods/waf-token/waf-options.js';
import { wafToken } from '../../methods/waf-token/waf-token.js';
import { assertBoolean } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { expired, tooOld } from '../../verification/time-refusals.js';
import type { TokenValidator } from '../../verification/token-checks.js';
import { MIGRATION_OPTION_NAMES, type Migration, type MigrationOptions } from '../migration.js';
import { readConfig } from '../read-config.js';
import { type JwtProvider, readJwtProvider } from './jwt-provider.js';
import { providerUsers, switchWarnings, type ZitadelUsers } from './provider-users.js';

/** Options of {@link fromZitadel}: what ZITADEL keeps in its database or does not ask for. */
export interface FromZitadelOptions extends MigrationOptions, Pick<WafTokenOptions, 'trustedPeers'> {
  /**
   * Audience of tokens, where the configuration has none; `null`: not checked.
   * @default the configuration's; without one it is not checked, with a warning
   */
  audience?: WafTokenOptions['audience'] | undefined;
  /**
   * The application's users: a store, in which the provider's switches decide; `{ store, ... }` to change the policy; or
   * a callback, which decides alone.
   * @default undefined, everybody with a valid token is admitted, and nobody is registered
   */
  users?: ZitadelUsers | undefined;
}

/** Result of {@link fromZitadel}. */
export interface ZitadelMigration extends Migration {
  /** The one method; `jwtIdp({ method: methods[0], jwtEndpoint, … })` signs browsers in with it. */
  readonly methods: readonly [AuthMethod];
  /** Address to which `jwtIdp` sends a browser, where the WAF answers. */
  readonly jwtEndpoint: string;
}

const OPTION_NAMES = [...MIGRATION_OPTION_NAMES, 'audience', 'users', 'trustedPeers'] as const;
/** ZITADEL's names of options of `wafToken`, where they differ. */
const ZITADEL_NAMES: Readonly<Record<string, string>> = { header: 'headerName', jwksUri: 'keysEndpoint' };

/** Defaults of zitadel/oidc in seconds: an offset, which makes `exp` stricter, and the greatest age of a token. */
const OFFSET = 3;
const MAX_AGE = 3600;

/**
 * Refuses tokens that end within the offset or are older than an hour.
 * @throws {InvalidTokenError} `token_expired`
 */
const assertYoung: TokenValidator = ({ exp = 0, iat = 0 }) => {
  const now = Date.now() / 1000;
  if (exp <= now + OFFSET) throw expired(exp, now, -OFFSET);
  if (iat < now - MAX_AGE) throw tooOld(iat, now, MAX_AGE);
  return true;
};

function audienceOf({ audience }: JwtProvider, options: FromZitadelOptions): WafTokenOptions['audience'] {
  if (options.audience !== undefined && audience !== '')
    throw new ConfigurationError(
      'fromZitadel.audience',
      'contradicts the audience of the configuration; leave one out',
    );
  return options.audience ?? (audience === '' ? null : audience);
}

function methodOf(
  provider: JwtProvider,
  { audience: _audience, users, ...options }: FromZitadelOptions,
  audience: WafTokenOptions['audience'],
): AuthMethod {
  const people = users === undefined ? {} : { users: providerUsers('fromZitadel.users', provider, users) };
  try {
    return wafToken({
      ...options,
      name: provider.name,
      header: provider.headerName,
      issuer: provider.issuer,
      audience,
      jwksUri: provider.keysEndpoint,
      algorithms: ['RS256', 'ES256', 'PS256'],
      clockTolerance: OFFSET,
      requiredClaims: ['exp', 'iat'],
      validators: assertYoung,
      claims: { emailVerified: ({ email_verified }) => email_verified === 'true' || email_verified },
      ...people,
    });
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    const { option, message } = thrown;
    const name = option.replace(/^wafToken\./, '');
    throw new ConfigurationError(`fromZitadel.${ZITADEL_NAMES[name] ?? name}`, message.slice(option.length + 2), {
      cause: thrown,
    });
  }
}

/**
 * Turns a JWT IdP of ZITADEL into an auth method: `issuer`, `jwtEndpoint`, `keysEndpoint`, `headerName`, `audience` and the provider options, as
 * the JSON of `AddJWTProvider` or `AddOrgJWTIDP`, as an answer of `GetProviderByID`, or as the attributes of Terraform's
 * `zitadel_org_idp_jwt`; parsed, or as JSON or YAML text.
 *
 * Tokens are accepted as there: with or without `Bearer ` in the header (default `authorization`), of this issuer exactly,
 * signed with RS256, ES256 or PS256, with `exp` and `iat`, and for an hour at most. `isAutoCreation` registers
 * unknown people, `autoLinking` by e-mail ties them to a user with the same verified address, `isAutoUpdate` keeps
 * profiles up to date.
 *
 * ```ts
 * const { methods, jwtEndpoint } = await fromZitadel(config, { users: postgresUsers({ client }) });
 * app.use('/sign-in', jwtIdp({ method: methods[0], jwtEndpoint, session, secret, allowedReturnUrls: ['/home'] }));
 * ```
 *
 * On purpose not as in ZITADEL: keys are cached; times are numbers; both sides of a link by e-mail must be verified;
 * nobody links by a username.
 *
 * @throws {ConfigurationError} as a rejection, with ZITADEL's name of what is missing or wrong.
 */
export async function fromZitadel(config: unknown, options: FromZitadelOptions = {}): Promise<ZitadelMigration> {
  checkOptionNames('fromZitadel', options, OPTION_NAMES);
  const { dangerouslyAllowHttp = false } = options;
  assertBoolean('fromZitadel.dangerouslyAllowHttp', dangerouslyAllowHttp);
  const provider = readJwtProvider('fromZitadel', await readConfig('fromZitadel', config), dangerouslyAllowHttp);
  const audience = audienceOf(provider, options);
  const isUnasked = audience === null && options.audience === undefined;
  return {
    methods: [methodOf(provider, options, audience)],
    jwtEndpoint: provider.jwtEndpoint,
    warnings: [
      ...(isUnasked ? ['Tokens of this issuer for any audience are accepted, as in ZITADEL without an audience.'] : []),
      ...switchWarnings(provider, options.users),
    ],
  };
}
