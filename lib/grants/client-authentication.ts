import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type ClientAuth, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt, TlsClientAuth } from 'openid-client';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { ClientCertificate } from '../http/bounded-request.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { privateSigningKey, type SigningKey } from './signing-key.js';

/** How a client proves who it is (RFC 6749 section 2.3, RFC 7523, RFC 8705); `basic` and `post` are also known by their full names. */
export type ClientAuthentication =
  | 'basic'
  | 'post'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'none';

/** This application as a client of the identity provider. */
export interface ClientOptions {
  id: string;
  /** For `basic`, `post` and `client_secret_jwt`. */
  secret?: string;
  /** Default `basic`, or `post` where the provider says that it takes no other of the two. */
  authentication?: ClientAuthentication;
  /** PEM or key object, for `private_key_jwt`: RSA (signs RS256), a NIST curve or Ed25519. */
  privateKey?: string | KeyObject;
  /** `kid` of that key, where the provider asks for it. */
  keyId?: string;
  /** PEM certificate and key, for `tls_client_auth`. */
  certificate?: ClientCertificate;
}

/** What a provider's document says, as far as it is looked at here. */
type ProviderMembers = Readonly<Record<string, unknown>>;

/** A client that is ready to prove who it is. */
export interface ProviderClient {
  readonly id: string;
  readonly certificate?: ClientCertificate | undefined;
  /** @param endpoint `token` or `introspection` */
  prove(members: ProviderMembers, endpoint: string): ClientAuth | Promise<ClientAuth>;
}

type Canonical = Exclude<ClientAuthentication, 'client_secret_basic' | 'client_secret_post'>;
/** Those by which somebody who has an id and a secret can be asked about. */
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

/** What each way needs; whatever else is given contradicts it. */
const NEEDS: Readonly<Record<Canonical, readonly ('secret' | 'privateKey' | 'keyId' | 'certificate')[]>> = {
  basic: ['secret'],
  post: ['secret'],
  client_secret_jwt: ['secret'],
  private_key_jwt: ['privateKey'],
  tls_client_auth: ['certificate'],
  none: [],
};

/** @throws ConfigurationError */
export function resolveAuthentication(option: string, value: unknown): Canonical | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && Object.hasOwn(CANONICAL, value)) return CANONICAL[value as ClientAuthentication];
  throw new ConfigurationError(option, `expects one of ${Object.keys(CANONICAL).join(', ')}`);
}

/** RFC 8414 section 2; without a word about it `basic` is what every provider must take (RFC 6749 section 2.3.1). */
function takesPostOnly(members: ProviderMembers, endpoint: string): boolean {
  const methods =
    members[`${endpoint}_endpoint_auth_methods_supported`] ?? members.token_endpoint_auth_methods_supported;
  return Array.isArray(methods) && methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
}

/** As HTML forms are encoded, which is what RFC 6749 appendix B names. */
const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

/**
 * RFC 6749 section 2.3.1. openid-client escapes `-`, `.` and `_` as well, which no form does, and which the many
 * servers that forget to decode take for another id.
 */
function basic(secret: string): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`);
    headers.set('authorization', `Basic ${pair.toString('base64')}`);
  };
}

/** Somebody with an id and a secret. */
export function secretClient(
  id: string,
  secret: string,
  authentication: PairAuthentication | undefined,
): ProviderClient {
  return {
    id,
    prove(members, endpoint) {
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
  return { id, prove: async () => PrivateKeyJwt({ key: await key(), ...named }) };
}

function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function assertCertificate(option: string, certificate: unknown): asserts certificate is ClientCertificate {
  checkOptionNames(option, certificate, ['cert', 'key']);
  const { cert, key } = certificate as Partial<ClientCertificate>;
  assertNonEmptyString(`${option}.cert`, cert);
  assertNonEmptyString(`${option}.key`, key);
  if (!belongTogether(cert, key))
    throw new ConfigurationError(option, 'expects a PEM certificate and the private key that belongs to it');
}

/** Checks what is said of this application as a client. @throws ConfigurationError */
export function resolveClient(option: string, client: ClientOptions, fallback?: Canonical): ProviderClient {
  checkOptionNames(option, client, ['id', 'secret', 'authentication', 'privateKey', 'keyId', 'certificate']);
  const { id, secret, privateKey, keyId, certificate } = client;
  assertNonEmptyString(`${option}.id`, id);
  const authentication = resolveAuthentication(`${option}.authentication`, client.authentication) ?? fallback;
  assertNeeds(option, client, authentication ?? 'basic');
  switch (authentication) {
    case 'private_key_jwt':
      return keyClient(id, privateSigningKey(`${option}.privateKey`, privateKey), keyId);
    case 'tls_client_auth':
      assertCertificate(`${option}.certificate`, certificate);
      return { id, certificate, prove: () => TlsClientAuth() };
    case 'none':
      return { id, prove: () => None() };
    default:
      assertNonEmptyString(`${option}.secret`, secret);
      return secretClient(id, secret, authentication);
  }
}
