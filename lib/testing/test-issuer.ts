import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type {
  IssuedTokenShape,
  IssuerEndpoint,
  SecureTestIssuer,
  TestIssuer,
  TestIssuerOptions,
} from './issuer-contract.js';
import { answerIntrospection, answerToken, type EndpointContext } from './issuer-endpoints.js';
import { type Answer, answerWith, type IssuerFault, jsonAnswer } from './issuer-faults.js';
import { IssuerKeys } from './issuer-key-pairs.js';
import { IssuerServer } from './issuer-server.js';
import { mintToken, type TokenClaims } from './mint-token.js';
import { loopbackCertificate, type TlsCertificate } from './tls-certificate.js';

/**
 * Starts an issuer in this process: discovery document, key set, token endpoint (`client_credentials` and
 * `password`) and introspection over real HTTP on a free port of 127.0.0.1, with key rotation and faults on demand.
 *
 * ```ts
 * const issuer = await testIssuer();
 * app.use(oidcBearer({ issuer: issuer.url, audience: issuer.audience }));
 * await request(app).get('/').set('Authorization', `Bearer ${await issuer.mint({ scope: 'read' })}`);
 * await issuer.close();
 * ```
 *
 * @throws {Error} when the server cannot listen.
 */
export function testIssuer(options: TestIssuerOptions & { tls: true }): Promise<SecureTestIssuer>;
export function testIssuer(options?: TestIssuerOptions): Promise<TestIssuer>;
export async function testIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const issuer = new HttpTestIssuer(options, options.tls === true ? loopbackCertificate() : undefined);
  await issuer.start();
  return issuer;
}

/** A {@link TestIssuer} that routes requests to its endpoints and applies their faults. */
class HttpTestIssuer implements TestIssuer {
  readonly audience: string;
  readonly ca: string | undefined;
  readonly #options: TestIssuerOptions;
  readonly #keys: IssuerKeys;
  readonly #server: IssuerServer;
  readonly #faults = new Map<IssuerEndpoint, IssuerFault>();
  readonly #revoked = new Set<string>();
  readonly #counts = { discovery: 0, jwks: 0, token: 0, introspection: 0 };
  readonly #context: EndpointContext;

  constructor(options: TestIssuerOptions, certificate: TlsCertificate | undefined) {
    const {
      clients = [{ id: 'test-client', secret: 'test-secret' }],
      users = [{ username: 'test-user', password: 'test-password' }],
    } = options;
    this.#options = options;
    this.audience = options.audience ?? 'test-api';
    this.ca = certificate?.ca;
    this.#keys = new IssuerKeys(options.algorithms ?? ['ES256']);
    this.#server = new IssuerServer((req, res) => {
      this.#serve(req, res).catch(() => res.destroy());
    }, certificate);
    const mint = (claims: TokenClaims) => this.mint(claims);
    this.#context = { clients, users, mint, claimsOf: (token) => this.#claimsOf(token) };
  }

  get url(): string {
    return `${this.#server.origin}${this.#options.path ?? ''}`;
  }

  get metadata(): TestIssuer['metadata'] {
    const { url } = this;
    return {
      issuer: url,
      jwks_uri: `${url}/jwks`,
      token_endpoint: `${url}/token`,
      introspection_endpoint: `${url}/introspect`,
      authorization_endpoint: `${url}/authorize`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.#options.algorithms ?? ['ES256'],
      grant_types_supported: ['client_credentials', 'password'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    };
  }

  get counts(): TestIssuer['counts'] {
    return { ...this.#counts };
  }

  jwks(): { keys: JWK[] } {
    return this.#keys.toJwks();
  }

  async mint(claims: TokenClaims = {}, { algorithm, header, ...shape }: IssuedTokenShape = {}): Promise<string> {
    const key = this.#keys.signingKey(algorithm);
    const standard = { iss: this.url, aud: this.audience, sub: 'test-user', jti: randomUUID() };
    return mintToken(
      { ...standard, ...claims },
      { algorithm: key.algorithm, key: key.privateKey, kid: key.kid, header: { typ: 'at+jwt', ...header }, ...shape },
    );
  }

  async rotate({ keepOld = true }: { keepOld?: boolean } = {}): Promise<void> {
    await this.#keys.rotate(keepOld);
  }

  revoke(token: string): void {
    this.#revoked.add(token);
  }

  fault(endpoint: IssuerEndpoint, fault: IssuerFault): void {
    this.#faults.set(endpoint, fault);
  }

  heal(endpoint?: IssuerEndpoint): void {
    if (endpoint === undefined) this.#faults.clear();
    else this.#faults.delete(endpoint);
  }

  async start(): Promise<void> {
    if (this.#keys.published.length === 0) await this.rotate();
    await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async close(): Promise<void> {
    await this.#server.stop();
  }

  #endpointOf(path: string): IssuerEndpoint | undefined {
    const { path: own = '', discovery = 'openid' } = this.#options;
    const isOpenid = path === `${own}/.well-known/openid-configuration`;
    const isOauth = path === `/.well-known/oauth-authorization-server${own}`;
    if ((isOpenid && discovery !== 'oauth') || (isOauth && discovery !== 'openid')) return 'discovery';
    return ({ [`${own}/jwks`]: 'jwks', [`${own}/token`]: 'token', [`${own}/introspect`]: 'introspection' } as const)[
      path
    ];
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const endpoint = this.#endpointOf((req.url ?? '').replace(/\?.*$/s, ''));
    if (endpoint === undefined) return answerWith(res, jsonAnswer({ error: 'not_found' }, { status: 404 }));
    this.#counts[endpoint] += 1;
    await answerWith(res, await this.#answer(endpoint, req), this.#faults.get(endpoint));
  }

  async #answer(endpoint: IssuerEndpoint, req: IncomingMessage): Promise<Answer> {
    const { cacheControl } = this.#options;
    switch (endpoint) {
      case 'discovery':
        return jsonAnswer(this.metadata);
      case 'jwks':
        return jsonAnswer(
          this.jwks(),
          cacheControl === undefined ? {} : { headers: { 'cache-control': cacheControl } },
        );
      case 'token':
        return answerToken(req, this.#context);
      case 'introspection':
        return answerIntrospection(req, this.#context);
    }
  }

  async #claimsOf(token: string): Promise<JWTPayload | undefined> {
    if (this.#revoked.has(token)) return undefined;
    try {
      return (await jwtVerify(token, createLocalJWKSet(this.jwks()), { issuer: this.url })).payload;
    } catch {
      return undefined;
    }
  }
}
