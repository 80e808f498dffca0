import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type ClientAuth, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt, TlsClientAuth } from 'openid-client';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { ClientCertificate } from '../http/bounded-request.js';
import { assertNonEmptyString, assertNotUndefined } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { CLIENT_NAMES, type ClientAuthentication, type ClientOptions } from './client-options.js';
import { privateSigningKey, type SigningKey } from './signing-key.js';

/** Members of a provider's metadata document. */
type ProviderMembers = Readonly<Record<string, unknown>>;

/** A client of a provider that can authenticate itself. */
export interface ProviderClient {
  readonly id: string;
  readonly certificate?: ClientCertificate | undefined;
  /** Chooses the authentication for a request to an endpoint, `token` or `introspection`. */
  authenticate(members: ProviderMembers, endpoint: string): ClientAuth | Promise<ClientAuth>;
}

type Canonical = Exclude<ClientAuthentication, 'client_secret_basic' | 'client_secret_post'>;
/** Client authentication methods that need only an id and a secret. */
export type PairAuthentication = Extract<Canonical, 'basic' | 'post' | 'client_secret_jwt'>;

const CANONICAL: Readonly<Record<ClientAuthentication, Canonical>> = {
  basic: 'basic',
  post: 'post',
  client_secret_basic: 'basic',
  client_secret_post: 'post',
  client_secret_jwt: 'client_secret_jwt',
  private_key_jwt: 'private_key_jwt',
  tls_client_auth: 'tls_client_auth',
  none: 'none',
};

/** Options that each client authentication method requires; `assertNeeds` refuses all others. */
const NEEDS: Readonly<Record<Canonical, readonly ('secret' | 'privateKey' | 'keyId' | 'certificate')[]>> = {
  basic: ['secret'],
  post: ['secret'],
  client_secret_jwt: ['secret'],
  private_key_jwt: ['privateKey'],
  tls_client_auth: ['certificate'],
  none: [],
};

/**
 * Resolves the name of a client authentication method to its short form.
 * @throws {ConfigurationError} when it is not one of the methods.
 */
export function resolveAuthentication(option: string, value: unknown): Canonical | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && Object.hasOwn(CANONICAL, value)) return CANONICAL[value as ClientAuthentication];
  throw new ConfigurationError(option, `expects one of ${Object.keys(CANONICAL).join(', ')}`);
}

/**
 * Whether the provider's document (RFC 8414 section 2) lists `client_secret_post` without `client_secret_basic`. Every
 * provider must support `basic` unless its document says otherwise (RFC 6749 section 2.3.1).
 */
function takesPostOnly(members: ProviderMembers, endpoint: string): boolean {
  const methods =
    members[`${endpoint}_endpoint_auth_methods_supported`] ?? members.token_endpoint_auth_methods_supported;
  return Array.isArray(methods) && methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
}

/** Encodes a text as HTML forms are (RFC 6749 appendix B). */
const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

/**
 * Authenticates with `client_secret_basic` (RFC 6749 section 2.3.1). openid-client also escapes `-`, `.` and `_`, which
 * forms do not, and many servers compare the id without decoding it.
 */
function basic(secret: string): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`);
    headers.set('authorization', `Basic ${pair.toString('base64')}`);
  };
}

/** Creates a client that authenticates with an id and a secret. */
export function secretClient(
  id: string,
  secret: string,
  authentication: PairAuthentication | undefined,
): ProviderClient {
  return {
    id,
    authenticate(members, endpoint) {
      if (authentication === 'client_secret_jwt') return ClientSecretJwt(secret);
      const isPost = authentication === 'post' || (authentication === undefined && takesPostOnly(members, endpoint));
      return isPost ? ClientSecretPost(secret) : basic(secret);
    },
  };
}

function assertNeeds(option: string, client: ClientOptions, authentication: Canonical): void {
  for (const name of ['secret', 'privateKey', 'certificate', 'keyId'] as const) {
    const isNeeded = NEEDS[authentication].includes(name);
    if (isNeeded && client[name] === undefined) {
      throw new ConfigurationError(`${option}.${name}`, `is required with authentication "${authentication}"`);
    }
    const mayHave = isNeeded || (name === 'keyId' && authentication === 'private_key_jwt');
    if (!mayHave && client[name] !== undefined) {
      throw new ConfigurationError(`${option}.${name}`, `does not go with authentication "${authentication}"`);
    }
  }
}

function keyClient(id: string, key: SigningKey, kid: string | undefined): ProviderClient {
  const named = kid === undefined ? {} : { kid };
  return { id, authenticate: async () => PrivateKeyJwt({ key: await key(), ...named }) };
}

function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function assertCertificate(option: string, certificate: unknown): asserts certificate is ClientCertificate {
  checkOptionNames(option, certificate, namesOf<ClientCertificate>()({ cert: true, key: true }));
  const { cert, key } = certificate as Partial<ClientCertificate>;
  assertNonEmptyString(`${option}.cert`, cert);
  assertNonEmptyString(`${option}.key`, key);
  if (!belongTogether(cert, key))
    throw new ConfigurationError(option, 'expects a PEM certificate and the private key that belongs to it');
}

/**
 * Resolves {@link ClientOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, of the wrong kind, or belongs to another method.
 */
export function resolveClient(option: string, client: ClientOptions, fallback?: Canonical): ProviderClient {
  checkOptionNames(option, client, CLIENT_NAMES);
  assertNotUndefined(option, client, ['id', 'secret', 'privateKey', 'certificate']);
  const { id, secret, privateKey, keyId, certificate } = client;
  assertNonEmptyString(`${option}.id`, id);
  const authentication = resolveAuthentication(`${option}.authentication`, client.authentication) ?? fallback;
  assertNeeds(option, client, authentication ?? 'basic');
  switch (authentication) {
    case 'private_key_jwt':
      return keyClient(id, privateSigningKey(`${option}.privateKey`, privateKey), keyId);
    case 'tls_client_auth':
      assertCertificate(`${option}.certificate`, certificate);
      return { id, certificate, authenticate: () => TlsClientAuth() };
    case 'none':
      return { id, authenticate: () => None() };
    default:
      assertNonEmptyString(`${option}.secret`, secret);
      return secretClient(id, secret, authentication);
  }
}
