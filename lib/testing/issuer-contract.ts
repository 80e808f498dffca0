import type { JWK } from 'jose';
import type { IssuerFault } from './issuer-faults.js';
import type { IssuerAlgorithm } from './issuer-key-pairs.js';
import type { TestClient, TestUser } from './issuer-parties.js';
import type { TokenClaims, TokenShape } from './mint-token.js';

/** Endpoint of a test issuer. */
export type IssuerEndpoint = 'discovery' | 'jwks' | 'token' | 'introspection';

/** Options of `testIssuer`. */
export interface TestIssuerOptions {
  /**
   * Serves HTTPS, with a certificate of an authority of its own (`issuer.ca`).
   * @default false
   */
  tls?: boolean;
  /**
   * Path of the issuer's URL, such as `/realms/test`.
   * @default ''
   */
  path?: string;
  /**
   * Location of the metadata document: that of OpenID Connect Discovery, that of RFC 8414, or both.
   * @default 'openid'
   */
  discovery?: 'openid' | 'oauth' | 'both';
  /**
   * `aud` of its tokens.
   * @default 'test-api'
   */
  audience?: string;
  /**
   * Algorithms of its signing keys, one key for each. `mint` uses the first one by default.
   * @default ['ES256']
   */
  algorithms?: readonly IssuerAlgorithm[];
  /**
   * `Cache-Control` of the key set.
   * @default undefined (no such header)
   */
  cacheControl?: string;
  /**
   * Clients of the token and introspection endpoints.
   * @default [{ id: 'test-client', secret: 'test-secret' }]
   */
  clients?: readonly TestClient[];
  /**
   * Users of the grant `password`.
   * @default [{ username: 'test-user', password: 'test-password' }]
   */
  users?: readonly TestUser[];
}

/** Differences of a token of {@link TestIssuer.mint} from the usual one. */
export interface IssuedTokenShape extends TokenShape {
  /**
   * Signature algorithm, one of the issuer's `algorithms`.
   * @default the first of the issuer's `algorithms`
   */
  algorithm?: IssuerAlgorithm;
}

/** OAuth issuer in this process, with an HTTP server. */
export interface TestIssuer {
  /** URL of the issuer, as its tokens have it in `iss`. */
  readonly url: string;
  /** `aud` of its tokens. */
  readonly audience: string;
  /** Its metadata document. */
  readonly metadata: Readonly<Record<string, unknown>> & { readonly jwks_uri: string };
  /** PEM certificate of the authority that signed its own; `undefined` without `tls`. */
  readonly ca: string | undefined;
  /** Number of requests so far by endpoint, including those answered with a fault. */
  readonly counts: Readonly<Record<IssuerEndpoint, number>>;
  /** Returns the key set as it is published now. */
  jwks(): { keys: JWK[] };
  /**
   * Signs an access token with `iss`, `aud`, `sub` (`test-user`), `jti`, `iat` and `exp`. `claims` are added or
   * replaced; `undefined` removes one.
   * @throws {TypeError} when the algorithm is not among the issuer's `algorithms`.
   */
  mint(claims?: TokenClaims, shape?: IssuedTokenShape): Promise<string>;
  /** Signs with new keys from now on. The old ones stay published unless `keepOld` is false. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  /** Revokes a token: introspection answers that it is inactive from now on. */
  revoke(token: string): void;
  /** Makes an endpoint fail until `heal` is called. */
  fault(endpoint: IssuerEndpoint, fault: IssuerFault): void;
  /** Ends the fault of an endpoint, or of all endpoints. */
  heal(endpoint?: IssuerEndpoint): void;
  /** Stops the server: refuses connections, and closes the open ones. */
  stop(): Promise<void>;
  /** Starts the server again, on its old port. */
  start(): Promise<void>;
  /** Stops the server for good, at the end of a test. */
  close(): Promise<void>;
}

/** A {@link TestIssuer} over HTTPS. */
export interface SecureTestIssuer extends TestIssuer {
  readonly ca: string;
}
