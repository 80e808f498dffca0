import {
  type Configuration,
  clientCredentialsGrant,
  genericGrantRequest,
  ResponseBodyError,
  type TokenEndpointResponse,
} from 'openid-client';
import type { BasicCredentials } from './basic-credentials.js';
import { type PairAuthentication, type ProviderClient, secretClient } from './client-authentication.js';
import type { Provider } from './provider.js';
import { isUsableToken, readTokenAnswer } from './token-answer.js';

/** How an id and a secret become a token: RFC 6749 section 4.4, or 4.3. */
export type GrantType = 'client_credentials' | 'password';

/** A token that the provider granted. */
export interface GrantedToken {
  readonly token: string;
  /** Seconds, as far as the provider says. */
  readonly expiresIn: number | undefined;
}

/** What is asked for, beside a token. */
interface AskedRights {
  readonly scopes: readonly string[];
  /** Sent as `audience`, as Auth0 and Kong do. */
  readonly audiences: readonly string[];
  /** Sent as `resource` (RFC 8707). */
  readonly resources: readonly string[];
}

export interface TokenClientOptions {
  readonly provider: Provider;
  /** In this order. */
  readonly grants: readonly GrantType[];
  /** This application, which asks with the names and passwords of people. */
  readonly client: ProviderClient | undefined;
  /** How somebody else's client id and secret are put to the provider. */
  readonly pairAuthentication: PairAuthentication | undefined;
  readonly rights: AskedRights;
}

/**
 * What a provider says when it is the id and the secret that it does not like (RFC 6749 section 5.2, OpenID Connect
 * Core section 3.1.2.6). `invalid_request` is Entra's word for a name that it cannot make sense of, and
 * oidc-provider's for a client that may not use the grant; whatever else we ask with is the same for everybody.
 */
const REFUSALS: Readonly<Record<GrantType, readonly string[]>> = {
  client_credentials: [
    'invalid_client',
    'invalid_grant',
    'invalid_request',
    'unauthorized_client',
    'access_denied',
    'invalid_scope',
  ],
  // `invalid_client` and `unauthorized_client` would be us.
  password: [
    'invalid_grant',
    'invalid_request',
    'access_denied',
    'invalid_scope',
    'interaction_required',
    'consent_required',
    'login_required',
  ],
};

function isRefusal(grant: GrantType, thrown: unknown): boolean {
  return thrown instanceof ResponseBodyError && thrown.status < 500 && REFUSALS[grant].includes(thrown.error);
}

function parametersOf({ scopes, audiences, resources }: AskedRights): URLSearchParams {
  const parameters = new URLSearchParams();
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  for (const audience of audiences) parameters.append('audience', audience);
  for (const resource of resources) parameters.append('resource', resource);
  return parameters;
}

/** Swaps an id and a secret for a token. */
export class TokenClient {
  readonly #options: TokenClientOptions;

  constructor(options: TokenClientOptions) {
    this.#options = options;
  }

  /**
   * Asks by one grant after the other, until one of them gives a token; `undefined`: none does. What cannot be told
   * is not asked again by another grant.
   * @throws ServiceUnavailableError `exchange_unavailable`
   */
  async exchange(pair: BasicCredentials): Promise<GrantedToken | undefined> {
    // Nobody is let in for an id alone, as a public client would be.
    if (pair.secret === '') return undefined;
    for (const grant of this.#options.grants) {
      const granted = await this.#ask(grant, pair);
      if (granted !== undefined) return granted;
    }
    return undefined;
  }

  async #ask(grant: GrantType, pair: BasicCredentials): Promise<GrantedToken | undefined> {
    const { provider, client, pairAuthentication } = this.#options;
    const answer = await provider.ask<TokenEndpointResponse | undefined>({
      // The password grant is not configured without a client.
      client:
        grant === 'password' && client !== undefined ? client : secretClient(pair.id, pair.secret, pairAuthentication),
      read: readTokenAnswer,
      run: async (config) => {
        try {
          const answer = await this.#request(config, grant, pair);
          if (!isUsableToken(answer.access_token)) throw new Error('the token cannot stand in a header');
          return answer;
        } catch (thrown) {
          if (isRefusal(grant, thrown)) return undefined;
          throw thrown;
        }
      },
    });
    return answer && { token: answer.access_token, expiresIn: answer.expires_in };
  }

  #request(config: Configuration, grant: GrantType, { id, secret }: BasicCredentials): Promise<TokenEndpointResponse> {
    const parameters = parametersOf(this.#options.rights);
    if (grant === 'client_credentials') return clientCredentialsGrant(config, parameters);
    parameters.set('username', id);
    parameters.set('password', secret);
    return genericGrantRequest(config, grant, parameters);
  }
}
