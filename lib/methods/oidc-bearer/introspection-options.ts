import { ConfigurationError } from '../../errors/configuration-error.js';
import { type ClientOptions, resolveClient } from '../../grants/client-authentication.js';
import { IntrospectionClient } from '../../grants/introspection-client.js';
import { Provider } from '../../grants/provider.js';
import type { SharedCache } from '../../grants/shared-cache.js';
import type { IssuerOptions, IssuerRecord } from '../../issuers/issuer-record.js';
import { remoteOptions } from '../../issuers/key-options.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { assertBoolean, assertImplements, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { assertAlgorithm, verifyWithSource } from '../../verification/verify-with-source.js';

/** How a provider is asked about tokens that only it can read (RFC 7662). */
export interface IntrospectionOptions {
  /** This application as a client of the provider. */
  client: ClientOptions;
  /** The endpoint's URL, where it does not stand in the issuer's document. */
  endpoint?: string;
  /**
   * `jwt`: JWTs are asked about too, after they were verified here, so that one which the provider has withdrawn is
   * refused; their claims stay those that were signed. Default: a JWT is verified here, and nobody is asked.
   */
  also?: 'jwt';
  /** Asks for answers that the issuer signed (RFC 9701), and takes no others. Default false: either will do. */
  signed?: boolean;
  /** Seconds for which an answer is believed, 1 to 3600, and never past the token's `exp`. Default 30. */
  ttl?: number;
  /**
   * Where answers are kept: in this process (default), among several (`redisCache()`), or, with `false`, nowhere: the
   * provider is asked on every request.
   */
  cache?: boolean | SharedCache;
}

/** The same, checked and ready to ask. */
export interface Introspection {
  readonly client: IntrospectionClient;
  readonly record: IssuerRecord;
  readonly alsoJwt: boolean;
}

/** What an introspecting method knows beside its introspection. */
interface Context {
  readonly issuer: IssuerOptions;
  readonly record: IssuerRecord;
  readonly clockTolerance: number;
}

const NAMES = ['client', 'endpoint', 'also', 'signed', 'ttl', 'cache'];
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

function resolveProvider(factory: string, { endpoint }: IntrospectionOptions, { issuer }: Context): Provider {
  const option = `${factory}.introspection.endpoint`;
  const { ca, dangerouslyAllowHttp } = issuer;
  const reached = remoteOptions(factory, { ...(ca === undefined ? {} : { ca }) }, [], []);
  const allowHttp = dangerouslyAllowHttp ?? false;
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
    ca: reached.ca,
    allowHttp,
    outage: 'introspection_unavailable',
  });
}

/** Checks how tokens are asked about. @throws ConfigurationError */
export function resolveIntrospection(factory: string, options: IntrospectionOptions, context: Context): Introspection {
  const option = `${factory}.introspection`;
  checkOptionNames(option, options, NAMES);
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
