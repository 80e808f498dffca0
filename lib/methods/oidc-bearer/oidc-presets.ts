import { settle } from '../../clock/awaitable.js';
import { type AuthError, InvalidTokenError, ServiceUnavailableError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OutageErrorCode, TokenErrorCode } from '../../errors/error-codes.js';
import type { IssuerMethod } from '../../issuers/issuer-method.js';
import { KEY_PLACES } from '../../issuers/key-options.js';
import { assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesWithout, type OmitEach, type OptionName } from '../../options/option-names.js';
import type { Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import { type OidcBearerConfig, oidcAuthenticator, resolveOidcBearer } from './oidc-bearer.js';
import { OIDC_DECISIONS, OIDC_OPTION_NAMES, type OidcBearerOptions } from './oidc-bearer-options.js';
import { auth0, okta } from './presets/customer-login.js';
import type { OidcPresetExtras, Provider, ProviderFacts, Refusal } from './presets/facts.js';
import { githubActions, gitlabCi } from './presets/pipelines.js';

const PROVIDERS = {
  auth0,
  okta,
  githubActions,
  gitlabCi,
} as const;

/** Name of a provider with a preset. */
export type OidcPresetName = keyof typeof PROVIDERS;

/** Own options of a provider's preset: those that differ per customer. */
type OwnOptions<Name extends OidcPresetName> = (typeof PROVIDERS)[Name] extends Provider<infer Own> ? Own : never;

/**
 * Options of a provider's preset: its own, which differ per customer, and any option of `oidcBearer` for one issuer.
 */
export type OidcPresetOptions<Name extends OidcPresetName> = OwnOptions<Name> &
  OmitEach<OidcPresetExtras, OptionName<OwnOptions<Name>>>;

/** Removes the undefined members of a record. */
const defined = <T extends object>(record: T): Partial<T> =>
  // Cast: some entries of a record make a record with some of its members.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;

/**
 * Converts the provider's facts to options. Options of the application replace them, but its claims are added to the
 * provider's.
 */
function expand(name: string, { options }: ProviderFacts, extras: OidcPresetExtras): OidcBearerOptions {
  const { discovery, jwksUri, publicKeys, keys, ...others } = options;
  const isElsewhere = KEY_PLACES.some((place) => extras[place] !== undefined);
  const place = isElsewhere ? {} : { discovery, jwksUri, publicKeys, keys };
  const claims = { ...options.claims, ...extras.claims };
  // Cast: oidcBearer checks the result as options again.
  return { name, ...defined({ ...others, ...place }), ...defined(extras), claims } as OidcBearerOptions;
}

/**
 * Resolves options as `oidcBearer` does, with the preset's name in error messages.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
function resolveAs(preset: string, options: OidcBearerOptions) {
  try {
    return resolveOidcBearer(options);
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError) || !thrown.option.startsWith('oidcBearer')) throw thrown;
    const { option, message, cause } = thrown;
    const said = message.slice(option.length + 2);
    throw new ConfigurationError(option.replace('oidcBearer', preset), said, cause === undefined ? {} : { cause });
  }
}

/**
 * Adds the provider's own checks of verified claims, which run before the principal is made, for tokens and for
 * introspection answers.
 */
function withChecks({ method, opaque }: OidcBearerConfig, { assertOurs, clientOf }: ProviderFacts): OidcBearerConfig {
  const checked = (identify: IssuerMethod['identify']): IssuerMethod['identify'] =>
    assertOurs === undefined
      ? identify
      : (content, ...more) => {
          assertOurs(content.claims);
          return identify(content, ...more);
        };
  const policy = opaque && { ...opaque.policy, identify: checked(opaque.policy.identify) };
  return {
    method: { ...method, identify: checked(method.identify), ...(clientOf === undefined ? {} : { clientOf }) },
    opaque: opaque && policy && { ...opaque, policy },
  };
}

function refusalOf({ code, detail }: AuthError, presented: PresentedToken): Refusal {
  const refused = { code, claim: detail?.claim };
  try {
    return { ...refused, ...presented.read() };
  } catch {
    return { ...refused, claims: {}, header: {} };
  }
}

/** Adds the provider's hint to a refusal. */
function explained(thrown: unknown, presented: PresentedToken, { hint: explain }: ProviderFacts): unknown {
  const isToken = thrown instanceof InvalidTokenError;
  if (!isToken && !(thrown instanceof ServiceUnavailableError && thrown.code === 'keys_unavailable')) return thrown;
  const hint = explain?.(refusalOf(thrown, presented));
  if (hint === undefined) return thrown;
  const { code, cause, detail } = thrown;
  const options = { detail: { ...detail, hint }, ...(cause === undefined ? {} : { cause }) };
  // Casts: the class of the error tells which codes it has.
  return isToken
    ? new InvalidTokenError(code as TokenErrorCode, options)
    : new ServiceUnavailableError(code as OutageErrorCode, options);
}

function explaining(inner: Authenticator, facts: ProviderFacts): Authenticator {
  const verify: Authenticator['verify'] = (presented, req) =>
    settle(
      () => inner.verify(presented, req),
      (authenticated) => authenticated,
      (thrown): never => {
        throw explained(thrown, presented, facts);
      },
    );
  return { ...inner, verify };
}

const EXTRA_NAMES = namesWithout(OIDC_OPTION_NAMES, 'issuers');
const EXTRA_DECISIONS = namesWithout(OIDC_DECISIONS, 'issuers');

/**
 * Makes the method of a provider with all options of the application.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
function presetMethod<Name extends OidcPresetName>(name: Name, given: OidcPresetOptions<Name>): AuthMethod {
  const preset = `oidcPresets.${name}`;
  // Cast: the name alone tells which options a provider has; its own function checks them.
  const provider = PROVIDERS[name] as unknown as Provider<Record<string, unknown>>;
  checkOptionNames(preset, given, [...new Set<string>([...provider.own, ...EXTRA_NAMES])]);
  const options: Readonly<Record<string, unknown>> = { ...given };
  assertNotUndefined(preset, options, [...provider.own, ...EXTRA_DECISIONS]);
  const isOwn = ([option]: [string, unknown]) => provider.own.includes(option);
  const entries = Object.entries(options);
  const extras: OidcPresetExtras = Object.fromEntries(entries.filter((entry) => !isOwn(entry)));
  const facts = provider.facts(Object.fromEntries(entries.filter(isOwn)), extras);
  const config = withChecks(resolveAs(preset, expand(name, facts, extras)), facts);
  return asSingleMethod(config.method.settings, explaining(oidcAuthenticator(config), facts));
}

/** Function that makes the auth method of one provider. */
type MakePreset<Name extends OidcPresetName> = (options: OidcPresetOptions<Name>) => AuthMethod;

const preset =
  <Name extends OidcPresetName>(name: Name): MakePreset<Name> =>
  (options) =>
    presetMethod(name, options);

/**
 * Presets of `oidcBearer` for identity providers: with the provider's names for its issuer, its rule about audiences,
 * the kinds and claims of its tokens, and the marks of its programs. Each preset needs only the options that differ per
 * customer, takes any option of {@link oidcBearer} beside them, which replaces the preset's value, and returns an auth
 * method.
 *
 * ```ts
 * app.use(oidcPresets.auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' }));
 * ```
 */
export const oidcPresets = {
  auth0: preset('auth0'),
  okta: preset('okta'),
  githubActions: preset('githubActions'),
  gitlabCi: preset('gitlabCi'),
};
