import type { ApiKeyStore } from '../../consumers/api-key-store.js';
import { oidcAuthenticator, resolveOidcBearer } from '../../methods/oidc-bearer/oidc-bearer.js';
import { assertBoolean } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { Authenticator } from '../../pipeline/auth-method.js';
import { type MethodOptions, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { MIGRATION_OPTION_NAMES, type Migration, type MigrationOptions } from '../migration.js';
import { readConfig } from '../read-config.js';
import { conduktorClaims, readerWithoutApiKey, requireEmail } from './conduktor-claims.js';
import { type JwtAuthSettings, readJwtAuthSettings } from './jwt-auth-settings.js';
import { readSettings } from './settings.js';

/** Options of {@link fromConduktor}: what Conduktor's Console keeps in its database. */
export interface FromConduktorOptions extends MigrationOptions, Pick<MethodOptions, 'users'> {
  /**
   * Store in which API keys inside tokens are looked up: a good key wins over the e-mail.
   * @default none: no key is looked at
   */
  apiKeys?: ApiKeyStore | undefined;
}

const NAME = 'conduktor';
const OPTION_NAMES = [...MIGRATION_OPTION_NAMES, 'users', 'apiKeys'] as const;

/** Whether a text stands in a variable of somebody else, such as PS1: of an environment only Conduktor's own count. */
const isOtherVariable = (path: string) => /^fromConduktor\.(?!CDK_SSO_)[^.[]+$/.test(path);

function warningsOf({ apiKeyClaim, warnings }: JwtAuthSettings, { users, apiKeys }: FromConduktorOptions): string[] {
  return [
    ...warnings,
    'Tokens of this issuer for any audience are accepted, as in Conduktor, which has no setting for it; ID tokens, and ' +
      'tokens that are bound to a key, are refused here.',
    ...(apiKeys === undefined
      ? [`The API key in the claim ${apiKeyClaim} is not looked at: a token needs an e-mail, and identifies its user.`]
      : []),
    ...(users === undefined ? ['No users were given: nobody is registered, where Conduktor registers everybody.'] : []),
  ];
}

/** Makes an `oidcBearer`. Without `apiKeys`, it reads tokens without their API key, which is a secret. */
function conduktorAuthenticator(settings: JwtAuthSettings, options: FromConduktorOptions): Authenticator {
  const { apiKeys, onEvent, dangerouslyAllowHttp } = options;
  const { issuer, ca, apiKeyClaim, ...claims } = settings;
  const bearer = resolveOidcBearer({
    name: NAME,
    issuer,
    audience: null,
    claims: { ...conduktorClaims(claims), ...(apiKeys === undefined ? {} : { apiKey: [apiKeyClaim] }) },
    validators: requireEmail(settings, apiKeys !== undefined),
    ...(apiKeys === undefined ? {} : { apiKeys }),
    ...(ca === undefined ? {} : { ca }),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(dangerouslyAllowHttp === undefined ? {} : { dangerouslyAllowHttp }),
  });
  return oidcAuthenticator(bearer, apiKeys === undefined ? readerWithoutApiKey(apiKeyClaim) : undefined);
}

/**
 * Turns Conduktor Console's delegated JWT authentication into an auth method: `sso.jwt-auth` with `issuer`, `username-claim` (default `email`),
 * `groups-claim` (default `groups`) and `api-key-claim` (default `apikey`), out of its YAML (parsed or as text), with
 * nested or dotted keys, or out of its environment (`CDK_SSO_JWTAUTH_ISSUER`, …; variables win).
 * `sso.trustedCertificates` are the CAs for the issuer, in place of the system's.
 *
 * The claim of `username-claim` becomes `principal.email` and `principal.username`, that of `groups-claim`
 * `principal.groups`. A token without an e-mail is 401. With `apiKeys`, a good API key in the token wins over the
 * e-mail: the principal is of type `api-key`, with the key's rights; one that is not good is 401. The API key never
 * reaches `principal.claims`.
 *
 * @throws {ConfigurationError} as a rejection, for a missing issuer, an unknown setting, or a contradictory one.
 */
export async function fromConduktor(config: unknown, options: FromConduktorOptions = {}): Promise<Migration> {
  checkOptionNames('fromConduktor', options, OPTION_NAMES);
  const { apiKeys: _keys, dangerouslyAllowHttp = false, ...methodOptions } = options;
  assertBoolean('fromConduktor.dangerouslyAllowHttp', dangerouslyAllowHttp);
  const parsed = await readConfig('fromConduktor', config, { skips: isOtherVariable });
  const settings = readJwtAuthSettings('fromConduktor', readSettings('fromConduktor', parsed), dangerouslyAllowHttp);
  const methodSettings = resolveMethodSettings('fromConduktor', { ...methodOptions, name: NAME });
  return {
    methods: [asSingleMethod(methodSettings, conduktorAuthenticator(settings, options))],
    warnings: warningsOf(settings, options),
  };
}
