import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { KeySource } from '../keys/key-source.js';
import { namesOf } from '../options/option-names.js';
import type { ClaimPolicy } from '../pipeline/token-policy.js';
import type { AcceptedTokens, TokenProfile } from '../verification/token-kind.js';
import { type AudienceOptions, type AudienceRules, resolveAudience } from './issuer-audience.js';
import { type IssuerKeys, type OtherKeys, openIssuerKeys, resolveKeys } from './issuer-keys.js';
import {
  documentUrl,
  type GivenNames,
  type IssuerNames,
  type NamedIssuer,
  resolveIssuerNames,
} from './issuer-names.js';
import { type FetchedKeyOptions, KEY_OPTION_NAMES, KEY_PLACES, type KeyOptions, type KeyRules } from './key-options.js';

/** Options that say which tokens of an issuer are accepted. */
export interface IssuerRules extends AudienceOptions {
  /**
   * Tenants that replace `{tenantid}` in the issuer. The claim `tid` of a token must name the tenant in its `iss`.
   * @default none; required with `{tenantid}` in the issuer
   */
  tenants?: readonly string[] | undefined;
  /**
   * Profile of access tokens. `at+jwt`: exactly as RFC 9068 defines them. `any`: every token that is not plainly of
   * another kind.
   * @default 'any'
   */
  tokenProfile?: TokenProfile | undefined;
  /**
   * Kinds of tokens that clients may present. `id-token`: for providers that issue no access tokens for an API;
   * `audience` is then the client id of the application, and plain access tokens are refused. `any`: both kinds.
   * @default 'access-token'
   */
  accepts?: AcceptedTokens | undefined;
}

/** Options of one issuer: its names, which of its tokens are accepted, and where its keys come from. */
export type IssuerOptions = NamedIssuer & IssuerRules & KeyOptions;

/** Names of {@link IssuerOptions}. */
export const ISSUER_OPTION_NAMES = namesOf<IssuerOptions>()(
  { issuer: true, as: true, tenants: true, audience: true, clients: true, tokenProfile: true, accepts: true },
  KEY_OPTION_NAMES,
);

/** Names of options that may be left out but not set to `undefined`, because they decide which tokens are accepted. */
export const ISSUER_DECISIONS = ['issuer', 'tenants', 'audience', 'clients', 'secret', ...KEY_PLACES] as const;

/** Resolved {@link IssuerOptions}: everything by which an issuer's tokens are verified. */
export interface IssuerRecord extends IssuerNames, AudienceRules {
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
  readonly profile: TokenProfile;
  readonly accepts: AcceptedTokens;
  /** Rules about claims that `issuers()` answered for this issuer; `undefined`: those of the method. */
  readonly policy?: ClaimPolicy | undefined;
}

/**
 * Resolves `tokenProfile` and `accepts`. ID tokens need an audience, because those of every application would pass
 * without.
 */
function resolveKinds(factory: string, { tokenProfile = 'any', accepts = 'access-token', audience }: IssuerRules) {
  if (tokenProfile !== 'any' && tokenProfile !== 'at+jwt')
    throw new ConfigurationError(`${factory}.tokenProfile`, 'expects "any" or "at+jwt"');
  if (accepts !== 'access-token' && accepts !== 'id-token' && accepts !== 'any')
    throw new ConfigurationError(`${factory}.accepts`, 'expects "access-token", "id-token" or "any"');
  if (accepts !== 'access-token' && tokenProfile === 'at+jwt')
    throw new ConfigurationError(`${factory}.accepts`, 'contradicts tokenProfile: "at+jwt"; leave one of the two out');
  if (accepts !== 'access-token' && audience === null) {
    const reason = `expects the client id of your application with accepts: "${accepts}", and not null: every application’s ID tokens would pass`;
    throw new ConfigurationError(`${factory}.audience`, reason);
  }
  return { profile: tokenProfile, accepts };
}

/** Options of one issuer that do not depend on where its keys come from. */
export type IssuerSettings = GivenNames & IssuerRules & KeyRules & FetchedKeyOptions;

/**
 * Resolves {@link IssuerOptions}, and opens the key source.
 * @param opened keys that the same key options gave before, which are not opened again.
 * @throws {ConfigurationError} when an option is missing, wrong or contradicts another.
 */
export function resolveIssuer(
  factory: string,
  options: GivenNames & IssuerRules & KeyOptions,
  listeners: readonly OnEvent[],
  opened?: IssuerKeys,
): IssuerRecord {
  const named = KEY_PLACES.some((name) => options[name] !== undefined);
  if (options.issuer === null && options.discovery !== undefined)
    throw new ConfigurationError(`${factory}.discovery`, 'needs an issuer with a name, which a document can confirm');
  const others: OtherKeys = { named, open: (context) => resolveKeys(options, context) };
  return resolveIssuerWith(factory, options, listeners, others, opened);
}

/**
 * Resolves the options of one issuer whose key source the caller opens.
 * @throws {ConfigurationError} when an option is missing, wrong or contradicts another.
 */
export function resolveIssuerWith(
  factory: string,
  options: IssuerSettings,
  listeners: readonly OnEvent[],
  others: OtherKeys,
  opened?: IssuerKeys,
): IssuerRecord {
  const names = resolveIssuerNames(factory, options);
  const { isNameless, documentNames } = names;
  if (isNameless && !others.named && options.secret === undefined)
    throw new ConfigurationError(
      `${factory}.issuer`,
      'is null, so its keys cannot be discovered: give jwksUri, publicKeys or keys',
    );
  const [issuer, ...aliases] = documentNames;
  const context = {
    factory,
    issuer,
    aliases,
    isNameless,
    documentUrl: () => documentUrl(`${factory}.issuer`, issuer, options.dangerouslyAllowHttp),
    listeners,
  };
  const { algorithms, keys } = opened ?? openIssuerKeys(options, context, others);
  return { ...names, ...resolveAudience(factory, options), algorithms, keys, ...resolveKinds(factory, options) };
}
