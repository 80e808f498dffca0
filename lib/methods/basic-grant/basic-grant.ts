import { InvalidRequestError, InvalidTokenError } from '../../errors/auth-error.js';
import { AttemptLimit } from '../../grants/attempt-limit.js';
import { type BasicCredentials, readBasicCredentials } from '../../grants/basic-credentials.js';
import { type Grant, GrantCache, isRenewable } from '../../grants/grant-cache.js';
import { Provider } from '../../grants/provider.js';
import { TokenClient } from '../../grants/token-client.js';
import type { DocumentIssuers } from '../../keys/issuer-document.js';
import type { Announce, Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { type Authenticated, withPrincipal } from '../../principal/authenticated.js';
import { replaceHeader } from '../../tokens/headers.js';
import { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { peerOf } from '../../tokens/transport.js';
import { type BasicGrantConfig, type BasicGrantOptions, resolveBasicGrant } from './basic-grant-options.js';
import type { Exchange } from './resolve-exchange.js';

const INSECURE = {
  problem: 'the request came by plain HTTP from another machine, or through a proxy',
  hint: 'Behind a proxy that ends TLS, say so by isSecure, or by the trust proxy of Express.',
};
const REJECTED = { problem: 'the token endpoint takes neither this id nor this secret for this grant' };

/**
 * Makes a function that gives a verified principal this method's name and the credential kind `basic`, because a Basic
 * pair was presented.
 */
function presentedBy(method: string): (verified: Authenticated) => Authenticated {
  // A cached token is verified with one result object, which is renamed once.
  const renamed = new WeakMap<Authenticated, Authenticated>();
  return (verified) => {
    const known = renamed.get(verified);
    if (known !== undefined) return known;
    const credential = { ...verified.principal.credential, kind: 'basic' };
    const authenticated = withPrincipal(verified, { method, credential });
    renamed.set(verified, authenticated);
    return authenticated;
  };
}

/** Token granted for a Basic pair, and the result of its verification. */
interface Exchanged {
  readonly token: string;
  readonly verified: Authenticated;
}

async function check({ verifier }: BasicGrantConfig, grant: Grant, req: AuthRequest): Promise<Exchanged> {
  const { token } = grant;
  const verified = await verifier.verify(new PresentedToken({ token, sources: [] }), req);
  grant.hasPassed = true;
  return { token, verified };
}

/**
 * Exchanges a Basic pair for a token, and verifies it.
 * @throws {InvalidTokenError} `exchange_rejected` when the provider refuses the pair, or the refusal by `verify`.
 * @throws {AttemptLimitError} when too many secrets were tried.
 * @throws {ServiceUnavailableError} `exchange_unavailable` when the provider does not answer.
 */
async function swap(
  config: BasicGrantConfig,
  grants: GrantCache,
  pair: BasicCredentials,
  req: AuthRequest,
): Promise<Exchanged> {
  const peer = peerOf(req);
  const granted = (grant: Grant | undefined): Grant => {
    if (grant === undefined) throw new InvalidTokenError('exchange_rejected', { detail: REJECTED });
    return grant;
  };
  const grant = granted(await grants.get(pair, peer));
  try {
    return await check(config, grant, req);
  } catch (thrown) {
    // A cached token may have been revoked, or its key removed, while the credentials are still valid.
    if (!InvalidTokenError.is(thrown) || !isRenewable(grant)) throw thrown;
    return check(config, granted(await grants.renew(pair, peer, grant)), req);
  }
}

/** Creates the provider and the cache of granted tokens. */
function openExchange({ provider: place, tokens, cache, attempts }: Exchange): {
  readonly provider: Provider;
  readonly grants: GrantCache;
} {
  const provider = new Provider(place);
  const client = new TokenClient({ provider, ...tokens });
  const grants = new GrantCache({
    ...cache,
    attempts:
      attempts === undefined
        ? undefined
        : new AttemptLimit(attempts.limits, attempts.store, `attempts of ${place.issuer}`),
    exchange: (pair) => client.exchange(pair),
  });
  return { provider, grants };
}

/** Replaces the credentials of a request by the granted token. */
const forwardToken: Announce = (req, { token }) => {
  if (token !== undefined) replaceHeader(req, 'authorization', `Bearer ${token}`);
};

function basicGrantAuthenticator(config: BasicGrantConfig): Authenticator {
  const { settings, sources, stripCredential, verify, verifier } = config;
  const { provider, grants } = openExchange(config.exchange);
  const present = presentedBy(settings.name);
  return {
    name: settings.name,
    sources,
    stripCredential,
    listeners: settings.listeners,
    scope: { asked: 'first', everything: 'mine' },
    claims: () => 'mine',
    vouching: verifier.vouching,
    givenName: verifier.givenName,
    reserve: (issuer) => verifier.reserve?.(issuer),
    amongIssuers: () => verifier.amongIssuers?.(),
    forget: (issuer) => verifier.forget?.(issuer),
    nameOf: (issuer) => verifier.nameOf?.(issuer),
    async verify(presented, req) {
      if (!config.isConfidential(req)) throw new InvalidRequestError('transport_insecure', { detail: INSECURE });
      const { verified, token } = await swap(config, grants, readBasicCredentials(presented.token), req);
      return { ...present(verified), token };
    },
    ...(config.forwardToken ? { announce: forwardToken } : {}),
    ready: async () => void (await Promise.all([provider.ready(), verify.ready()])),
    health: () => verify.health(),
    async close() {
      provider.close();
      grants.clear();
      await verify.close();
    },
  };
}

/**
 * Makes a {@link basicGrant} whose provider is asked at its configured address, whichever of `documentIssuers` its
 * document names. A migration from a system that trusts the address needs it.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function basicGrantOver(options: BasicGrantOptions, documentIssuers: DocumentIssuers): AuthMethod {
  const config = resolveBasicGrant(options);
  const exchange = { ...config.exchange, provider: { ...config.exchange.provider, documentIssuers } };
  return asSingleMethod(config.settings, basicGrantAuthenticator({ ...config, exchange }));
}

/**
 * Creates an auth method for clients that have only an id and a secret: `Authorization: Basic` is exchanged at the
 * identity provider for a token, by `client_credentials` or `password` as Kong's `openid-connect` does, and the token
 * is verified as if the client had sent it.
 *
 * Tokens are cached until shortly before they expire; concurrent requests with one pair ask the provider once. A wrong
 * pair is a 401 `exchange_rejected`, and cached for ten seconds. A provider that does not answer is a 503
 * `exchange_unavailable`. Credentials over plain HTTP from another machine are a 400.
 *
 * ```ts
 * const bearer = oidcBearer({ issuer, audience });
 * app.use(jwtAuth({ methods: [bearer, basicGrant({ issuer, verify: bearer })] }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 section 2}
 */
export function basicGrant(options: BasicGrantOptions): AuthMethod {
  const config = resolveBasicGrant(options);
  return asSingleMethod(config.settings, basicGrantAuthenticator(config));
}
