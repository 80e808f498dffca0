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

/** What ZITADEL keeps in its database, or does not ask for, and the application brings along. */
export interface FromZitadelOptions extends MigrationOptions, Pick<WafTokenOptions, 'trustedPeers'> {
  /**
   * Whom tokens are for, where the configuration does not say; `null`: not checked, said aloud.
   * @default the audience of the configuration; where that has none, not checked
   */
  audience?: WafTokenOptions['audience'] | undefined;
  /**
   * A store, in which the provider's switches decide; `{ store, ... }` to say more, or otherwise; or a callback, which
   * decides alone.
   * @default undefined, nobody is registered, and everybody whom the WAF knows is let in
   */
  users?: ZitadelUsers | undefined;
}

/** What a JWT IdP of ZITADEL becomes. */
export interface ZitadelMigration extends Migration {
  /** One method; `jwtIdp({ method: methods[0], jwtEndpoint, … })` signs browsers in with it. */
  readonly methods: readonly [AuthMethod];
  /** Where the WAF takes a browser over, for `jwtIdp`. */
  readonly jwtEndpoint: string;
}

const OPTION_NAMES = [...MIGRATION_OPTION_NAMES, 'audience', 'users', 'trustedPeers'] as const;
/** Options of `wafToken` by what they are called in ZITADEL; the others are called the same. */
const ZITADEL_NAMES: Readonly<Record<string, string>> = { header: 'headerName', jwksUri: 'keysEndpoint' };

/** zitadel/oidc's defaults: an offset of three seconds, which makes `exp` stricter, and tokens of an hour at most. */
const OFFSET = 3;
const MAX_AGE = 3600;

/** The validator throws InvalidTokenError `token_expired`. */
const assertYoung: TokenValidator = ({ exp = 0, iat = 0 }) => {
  const now = Date.now() / 1000;
  if (exp <= now + OFFSET) throw expired(exp, now, -OFFSET);
  if (iat < now - MAX_AGE) throw tooOld(iat, now, MAX_AGE, 'token_expired');
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
 * ZITADEL's JWT IdP: `issuer`, `jwtEndpoint`, `keysEndpoint`, `headerName`, `audience` and the provider options, as
 * the JSON of `AddJWTProvider` or `AddOrgJWTIDP`, as an answer of `GetProviderByID`, or as the attributes of Terraform's
 * `zitadel_org_idp_jwt`; parsed, or as JSON or YAML text.
 *
 * Tokens count as there: with or without `Bearer ` in the header (default `authorization`), of this issuer exactly,
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
 * @throws ConfigurationError (as a rejection) with ZITADEL's name of what is missing or wrong.
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
