import type { KeyObject } from 'node:crypto';
import type { ClientCertificate } from '../http/bounded-request.js';
import { namesOf } from '../options/option-names.js';

/**
 * Client authentication method, by which a client proves its identity to the provider (RFC 6749 section 2.3, RFC 7523,
 * RFC 8705). `basic` and `post` are short for `client_secret_basic` and `client_secret_post`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 | RFC 6749 section 2.3}
 */
export type ClientAuthentication =
  | 'basic'
  | 'post'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'none';

/** Client authentication methods that need a secret. */
export type SecretAuthentication = Exclude<ClientAuthentication, 'private_key_jwt' | 'tls_client_auth' | 'none'>;

/** Id of this application at the identity provider. */
interface NamedClient {
  /** The application's `client_id` at the provider. */
  id: string;
}

/** Id and secret of a client. */
interface SecretClient extends NamedClient {
  /**
   * Client authentication method.
   * @default 'basic', or 'post' when the provider's document lists `client_secret_post` and not `client_secret_basic`
   */
  authentication?: SecretAuthentication | undefined;
  /** Client secret. */
  secret: string | undefined;
  privateKey?: never;
  keyId?: never;
  certificate?: never;
}

/** Id and private key of a client that signs assertions (RFC 7523). */
interface KeyClient extends NamedClient {
  /**
   * Client authentication method. Required, except beside the same `clientAuthentication` of a `basicGrant`.
   * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.2 | RFC 7523 section 2.2}
   */
  authentication?: 'private_key_jwt' | undefined;
  /** Private key, as PEM or key object: RSA (signs RS256), P-256, P-384, P-521 or Ed25519. */
  privateKey: string | KeyObject | undefined;
  /**
   * `kid` of the private key, for providers that require it.
   * @default undefined
   */
  keyId?: string | undefined;
  secret?: never;
  certificate?: never;
}

/** Id and certificate of a client (RFC 8705). */
interface TlsClient extends NamedClient {
  /**
   * Client authentication method. Required, except beside the same `clientAuthentication` of a `basicGrant`.
   * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2.1 | RFC 8705 section 2.1}
   */
  authentication?: 'tls_client_auth' | undefined;
  /** Client certificate and its key as PEM. */
  certificate: ClientCertificate | undefined;
  secret?: never;
  privateKey?: never;
  keyId?: never;
}

/** Id of a public client, which is not authenticated. */
interface PublicClient extends NamedClient {
  authentication: 'none';
  secret?: never;
  privateKey?: never;
  keyId?: never;
  certificate?: never;
}

/** Id and authentication of this application as a client of the identity provider. */
export type ClientOptions = SecretClient | KeyClient | TlsClient | PublicClient;

/** Every option of a client. */
export const CLIENT_NAMES = namesOf<ClientOptions>()({
  id: true,
  secret: true,
  authentication: true,
  privateKey: true,
  keyId: true,
  certificate: true,
});
