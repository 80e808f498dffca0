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

/**
 * Grant that exchanges an id and a secret for a token.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 section 4.4} (`client_credentials`) and
 * {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.3 | RFC 6749 section 4.3} (`password`)
 */
export type GrantType = 'client_credentials' | 'password';

/** A token that the provider granted. */
export interface GrantedToken {
  readonly token: string;
  /** Lifetime in seconds; `undefined` when the provider does not send it. */
  readonly expiresIn: number | undefined;
}

/** Rights that a token request asks for. */
interface AskedRights {
  readonly scopes: readonly string[];
  /** Sent as `audience`, as Auth0 and Kong do. */
  readonly audiences: readonly string[];
  /** Sent as `resource` (RFC 8707). */
  readonly resources: readonly string[];
}

/** Options of {@link TokenClient}. */
export interface TokenClientOptions {
  readonly provider: Provider;
  /** Grants to try, in this order. */
  readonly grants: readonly GrantType[];
  /** This application as a client, for the grant `password`. */
  readonly client: ProviderClient | undefined;
  /** Client authentication method for the presented id and secret, for the grant `client_credentials`. */
  readonly pairAuthentication: PairAuthentication | undefined;
  readonly rights: AskedRights;
}

/**
 * Errors by which a provider refuses the id and the secret (RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6);
 * all others are outages. `invalid_request` is among them, because Entra sends it for a malformed username and
 * oidc-provider for a client that may not use the grant, and all other parameters are equal for all requests.
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
  // Without `invalid_client` and `unauthorized_client`, which would be about this application's own client.
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

/** Exchanges an id and a secret for an access token. */
export class TokenClient {
  readonly #options: TokenClientOptions;

  constructor(options: TokenClientOptions) {
    this.#options = options;
  }

  /**
   * Tries one grant after the other until one of them gives a token. Resolves to `undefined` when all are refused. An
   * outage ends it without trying further grants.
   * @throws {ServiceUnavailableError} when the provider cannot be asked (`exchange_unavailable`).
   */
  async exchange(pair: BasicCredentials): Promise<GrantedToken | undefined> {
    // Without a secret, the id of a public client would be enough to get a token.
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
      // The options were checked: the grant `password` requires a client.
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
