import { ConfigurationError } from '../../errors/configuration-error.js';
import { resolveClient } from '../../grants/client-authentication.js';
import type { ClientOptions } from '../../grants/client-options.js';
import { IntrospectionClient } from '../../grants/introspection-client.js';
import { Provider } from '../../grants/provider.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import { assertCa } from '../../issuers/issuer-keys.js';
import type { GivenNames } from '../../issuers/issuer-names.js';
import type { IssuerRecord } from '../../issuers/issuer-record.js';
import type { DiscoveredKeys } from '../../issuers/key-options.js';
import type { DocumentIssuers } from '../../keys/issuer-document.js';
import { resolveKeyRequest } from '../../keys/key-request.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { assertBoolean, assertImplements, assertNotUndefined, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import type { Authenticated } from '../../principal/authenticated.js';
import type { TokenFacts } from '../../principal/token-identity.js';
import { assertAlgorithm, verifyWithSource } from '../../verification/verify-with-source.js';

/**
 * Options for asking a provider about opaque tokens.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662 | RFC 7662}
 */
export interface IntrospectionOptions {
  /** Client of the provider that asks: id and credentials of this application. */
  client: ClientOptions;
  /**
   * URL of the introspection endpoint.
   * @default the one in the issuer's document
   */
  endpoint?: string | undefined;
  /**
   * Whether the provider is asked about JWTs too: with `'jwt'`, after they were verified here, so that revoked ones are
   * refused. Their claims stay the signed ones.
   * @default undefined, JWTs are verified here only
   */
  also?: 'jwt' | undefined;
  /**
   * Whether only answers signed by the issuer are accepted. `false`: unsigned ones are too.
   * @default false
   * @see {@link https://www.rfc-editor.org/rfc/rfc9701 | RFC 9701}
   */
  signed?: boolean | undefined;
  /**
   * Seconds for which an answer is cached, 1 to 3600, and never past the token's `exp`.
   * @default 30
   */
  ttl?: number | undefined;
  /**
   * Cache of answers: in this process (`true`), shared by several (`redisCache()`), or none (`false`), so that the
   * provider is asked on every request.
   * @default true
   */
  cache?: boolean | SharedCache | undefined;
}

/** Facts that follow from an answer about an opaque token alone, as they are cached. */
export interface OpaqueFacts {
  readonly facts: TokenFacts;
  /** Authenticated result, made on first use; never where an API key in the token names the principal. */
  authenticated: Authenticated | undefined;
}

/** Resolved {@link IntrospectionOptions}. */
export interface Introspection {
  readonly client: IntrospectionClient<OpaqueFacts>;
  readonly record: IssuerRecord;
  readonly alsoJwt: boolean;
}

/** Options that name a provider and say how it is reached. */
export type ProviderPlace = Pick<
  GivenNames & DiscoveredKeys,
  'issuer' | 'discovery' | 'ca' | 'dangerouslyAllowHttp' | 'keyRequest'
>;

/** Facts about the method that {@link resolveIntrospection} needs. */
interface Context {
  readonly issuer: ProviderPlace;
  /**
   * Issuers that the provider's document may name.
   * @default the names of the method's issuer
   */
  readonly documentIssuers?: DocumentIssuers;
  readonly record: IssuerRecord;
  readonly clockTolerance: number;
}

const NAMES = namesOf<IntrospectionOptions>()({
  client: true,
  endpoint: true,
  also: true,
  signed: true,
  ttl: true,
  cache: true,
});
const DEFAULT_TTL = 30;

function resolveCache(option: string, { cache = true, ttl }: IntrospectionOptions) {
  if (cache === false && ttl !== undefined) {
    throw new ConfigurationError(`${option}.ttl`, 'contradicts cache: false; leave one of the two out');
  }
  assertSeconds(`${option}.ttl`, ttl ?? DEFAULT_TTL, { min: 1, max: 3600 });
  const kept = { keep: cache !== false, ttl: ttl ?? DEFAULT_TTL };
  if (typeof cache === 'boolean') return { ...kept, shared: undefined };
  assertImplements(`${option}.cache`, cache, ['get', 'set', 'delete']);
  return { ...kept, shared: cache };
}

function resolveProvider(factory: string, { endpoint }: IntrospectionOptions, context: Context): Provider {
  const { issuer, record, documentIssuers = record.documentNames } = context;
  const [name] = record.documentNames;
  const option = `${factory}.introspection.endpoint`;
  const { ca, keyRequest, dangerouslyAllowHttp: allowHttp = false } = issuer;
  resolveKeyRequest(`${factory}.keyRequest`, keyRequest);
  if (ca !== undefined) assertCa(`${factory}.ca`, ca);
  assertBoolean(`${factory}.dangerouslyAllowHttp`, allowHttp);
  const discoveryUrl = issuer.discovery?.url;
  if (endpoint === undefined && discoveryUrl === undefined && (record.isNameless || !URL.canParse(name))) {
    throw new ConfigurationError(option, 'is required where the issuer is not the address of a document that has it');
  }
  return new Provider({
    issuer: name,
    endpoint: 'introspection',
    url: endpoint === undefined ? undefined : configuredUrl(option, endpoint, allowHttp),
    discoveryUrl,
    documentIssuers,
    ca,
    keyRequest,
    allowHttp,
    outage: 'introspection_unavailable',
  });
}

/**
 * Resolves {@link IntrospectionOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, wrong or contradicts another.
 */
export function resolveIntrospection(factory: string, options: IntrospectionOptions, context: Context): Introspection {
  const option = `${factory}.introspection`;
  checkOptionNames(option, options, NAMES);
  assertNotUndefined(option, options, ['endpoint']);
  const { also, signed = false } = options;
  if (options.client === undefined) throw new ConfigurationError(`${option}.client`, 'is required');
  if (also !== undefined && also !== 'jwt') throw new ConfigurationError(`${option}.also`, 'expects "jwt"');
  assertBoolean(`${option}.signed`, signed);
  const { record, clockTolerance } = context;
  if (signed && record.isNameless)
    throw new ConfigurationError(`${option}.signed`, 'needs an issuer with a name, which signed answers have in iss');
  const client = resolveClient(`${option}.client`, options.client);
  const rules = {
    issuers: record.documentNames,
    clientId: client.id,
    signed,
    clockTolerance,
    async verify(answer: Parameters<typeof verifyWithSource>[0]) {
      assertAlgorithm(answer.header, record.algorithms);
      await verifyWithSource(answer, record.keys);
    },
  };
  const provider = resolveProvider(factory, options, context);
  const asking = { provider, endpoint: options.endpoint, client, rules, ...resolveCache(option, options) };
  return { client: new IntrospectionClient(asking), record, alsoJwt: also === 'jwt' };
}
