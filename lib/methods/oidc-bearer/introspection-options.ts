import { ConfigurationError } from '../../errors/configuration-error.js';
import { resolveClient } from '../../grants/client-authentication.js';
import type { ClientOptions } from '../../grants/client-options.js';
import { IntrospectionClient } from '../../grants/introspection-client.js';
import { Provider } from '../../grants/provider.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import { assertCa } from '../../issuers/issuer-keys.js';
import type { IssuerRecord, IssuerRules } from '../../issuers/issuer-record.js';
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
 * How a provider is asked about tokens that only it can read.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662 | RFC 7662}
 */
export interface IntrospectionOptions {
  /** This application as a client of the provider. */
  client: ClientOptions;
  /**
   * The endpoint's URL, where it does not stand in the issuer's document.
   * @default the one in the issuer's document
   */
  endpoint?: string | undefined;
  /**
   * `jwt`: JWTs are asked about too, after they were verified here, so that one which the provider has withdrawn is
   * refused; their claims stay those that were signed.
   * @default undefined, a JWT is verified here, and nobody is asked
   */
  also?: 'jwt' | undefined;
  /**
   * Asks for answers that the issuer signed, and takes no others. `false`: either will do.
   * @default false
   * @see {@link https://www.rfc-editor.org/rfc/rfc9701 | RFC 9701}
   */
  signed?: boolean | undefined;
  /**
   * Seconds for which an answer is believed, 1 to 3600, and never past the token's `exp`.
   * @default 30
   */
  ttl?: number | undefined;
  /**
   * Where answers are kept: in this process (`true`), among several (`redisCache()`), or, with `false`, nowhere: the
   * provider is asked on every request.
   * @default true
   */
  cache?: boolean | SharedCache | undefined;
}

/** What follows from an answer about an opaque token and from nothing else. */
export interface OpaqueFacts {
  readonly facts: TokenFacts;
  /** Made when it is first asked for; never where a key inside decides who it is. */
  authenticated: Authenticated | undefined;
}

/** Resolved {@link IntrospectionOptions}. */
export interface Introspection {
  readonly client: IntrospectionClient<OpaqueFacts>;
  readonly record: IssuerRecord;
  readonly alsoJwt: boolean;
}

/** Who the provider is, and how it is reached. */
export type ProviderPlace = Pick<
  IssuerRules & DiscoveredKeys,
  'issuer' | 'discovery' | 'ca' | 'dangerouslyAllowHttp' | 'keyRequest'
>;

/** What an introspecting method knows beside its introspection. */
interface Context {
  readonly issuer: ProviderPlace;
  /** Issuers that the provider's document may name. Default: `issuer` alone. */
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
  const { issuer, documentIssuers } = context;
  const option = `${factory}.introspection.endpoint`;
  const { ca, keyRequest, dangerouslyAllowHttp: allowHttp = false } = issuer;
  resolveKeyRequest(`${factory}.keyRequest`, keyRequest);
  if (ca !== undefined) assertCa(`${factory}.ca`, ca);
  assertBoolean(`${factory}.dangerouslyAllowHttp`, allowHttp);
  const discoveryUrl = issuer.discovery?.url;
  if (endpoint === undefined && discoveryUrl === undefined && !URL.canParse(issuer.issuer)) {
    throw new ConfigurationError(option, 'is required where the issuer is not the address of a document that has it');
  }
  return new Provider({
    issuer: issuer.issuer,
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

/** Checks how tokens are asked about. @throws ConfigurationError */
export function resolveIntrospection(factory: string, options: IntrospectionOptions, context: Context): Introspection {
  const option = `${factory}.introspection`;
  checkOptionNames(option, options, NAMES);
  assertNotUndefined(option, options, ['endpoint']);
  const { also, signed = false } = options;
  if (options.client === undefined) throw new ConfigurationError(`${option}.client`, 'is required');
  if (also !== undefined && also !== 'jwt') throw new ConfigurationError(`${option}.also`, 'expects "jwt"');
  assertBoolean(`${option}.signed`, signed);
  const { record, issuer, clockTolerance } = context;
  const client = resolveClient(`${option}.client`, options.client);
  const rules = {
    issuer: issuer.issuer,
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
