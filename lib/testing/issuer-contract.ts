import type { JWK } from 'jose';
import type { IssuerFault } from './issuer-faults.js';
import type { IssuerAlgorithm } from './issuer-keys.js';
import type { TestClient, TestUser } from './issuer-parties.js';
import type { TokenClaims, TokenShape } from './mint-token.js';

/** What a test issuer serves, and can fail at. */
export type IssuerEndpoint = 'discovery' | 'jwks' | 'token' | 'introspection';

/** Options of `testIssuer`. */
export interface TestIssuerOptions {
  /** HTTPS with an authority of its own, whose certificate is `issuer.ca`. Default false. */
  tls?: boolean;
  /** Path of the issuer's URL, such as `/realms/test`. Default none. */
  path?: string;
  /** Where the document stands: OpenID Connect Discovery's place (the default), RFC 8414's, or in both. */
  discovery?: 'openid' | 'oauth' | 'both';
  /** `aud` of its tokens. Default `test-api`. */
  audience?: string;
  /** What it can sign with; the first is the default of `mint`. Default `['ES256']`. */
  algorithms?: readonly IssuerAlgorithm[];
  /** `Cache-Control` of the key set. Default none. */
  cacheControl?: string;
  /** Default: `test-client` with the secret `test-secret`. */
  clients?: readonly TestClient[];
  /** Default: `test-user` with the password `test-password`. */
  users?: readonly TestUser[];
}

/** How {@link TestIssuer.mint} shapes a token. */
export interface IssuedTokenShape extends TokenShape {
  /** One of the issuer's `algorithms`. Default: the first. */
  algorithm?: IssuerAlgorithm;
}

/** An issuer in this process, over real HTTP. */
export interface TestIssuer {
  /** The issuer, as its tokens and its document write it. */
  readonly url: string;
  /** `aud` of its tokens. */
  readonly audience: string;
  /** Its discovery document. */
  readonly metadata: Readonly<Record<string, unknown>> & { readonly jwks_uri: string };
  /** PEM of the authority behind its certificate; `undefined` without `tls`. */
  readonly ca: string | undefined;
  /** Requests that arrived so far, by endpoint; those that were answered with a fault count too. */
  readonly counts: Readonly<Record<IssuerEndpoint, number>>;
  /** The key set as it is published now. */
  jwks(): { keys: JWK[] };
  /**
   * An access token: `iss`, `aud`, `sub` (`test-user`), `jti`, `iat` and `exp` are there, `claims` add to that or
   * replace it, and `undefined` leaves one out. @throws TypeError for an algorithm that it does not sign with.
   */
  mint(claims?: TokenClaims, shape?: IssuedTokenShape): Promise<string>;
  /** Signs with new keys from now on. `keepOld: false` withdraws the old ones at once; by default they stay. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  /** Introspection calls this token inactive from now on. */
  revoke(token: string): void;
  /** Fails at an endpoint, in this way, until healed. */
  fault(endpoint: IssuerEndpoint, fault: IssuerFault): void;
  /** Does everything right again, or one endpoint. */
  heal(endpoint?: IssuerEndpoint): void;
  /** Goes down: refuses connections, and cuts the open ones. */
  stop(): Promise<void>;
  /** Comes back, on the same port. */
  start(): Promise<void>;
  /** Goes down for good; the last thing that a test does. */
  close(): Promise<void>;
}

/** A {@link TestIssuer} over HTTPS. */
export interface SecureTestIssuer extends TestIssuer {
  readonly ca: string;
}
