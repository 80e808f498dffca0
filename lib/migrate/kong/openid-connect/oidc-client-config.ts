import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { ClientAuthentication, ClientOptions } from '../../../grants/client-options.js';
import type { KongRecord } from '../kong-record.js';
import type { Warnings } from '../warnings.js';

const AUTHENTICATIONS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
type KongAuthentication = (typeof AUTHENTICATIONS)[number];

/** Fields that describe Kong as a client of the provider. They are lists, of which the first client counts. */
export const CLIENT_FIELDS = ['client_id', 'client_secret', 'client_auth', 'client_jwk', 'client_alg'] as const;

function privateKeyOf(config: KongRecord): KeyObject {
  const [jwk] = config.records('client_jwk');
  if (jwk === undefined) throw config.refusal('client_jwk', 'is required: a key that Kong made stays in Kong');
  try {
    const key = Object.fromEntries(jwk.names.map((name) => [name, jwk.value(name)]));
    return createPrivateKey({ key, format: 'jwk' });
  } catch {
    // What OpenSSL says may quote the key.
    throw config.refusal('client_jwk', 'expected a private key');
  }
}

function proofOf(
  config: KongRecord,
  authentication: ClientAuthentication | undefined,
): Pick<ClientOptions, 'secret' | 'privateKey' | 'keyId'> {
  if (authentication === 'none') return {};
  if (authentication === 'private_key_jwt') {
    const keyId = config.records('client_jwk')[0]?.text('kid');
    return { privateKey: privateKeyOf(config), ...(keyId === undefined ? {} : { keyId }) };
  }
  const [secret] = config.list('client_secret') ?? [];
  return secret === undefined ? {} : { secret };
}

/** Algorithms that assertions may be signed with; for `private_key_jwt` the key decides among them. */
const ALGORITHMS = {
  client_secret_jwt: ['HS256'],
  private_key_jwt: ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'],
} as const;

function assertAlgorithm(config: KongRecord, known: KongAuthentication): void {
  if (known !== 'client_secret_jwt' && known !== 'private_key_jwt') return;
  const [algorithm] = config.list('client_alg') ?? [];
  const carried: readonly string[] = ALGORITHMS[known];
  if (algorithm !== undefined && !carried.includes(algorithm))
    throw config.refusal('client_alg', `with ${known} only ${carried.join(', ')} are carried over`);
}

/**
 * Reads how clients authenticate at an endpoint, Kong itself or its callers.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function authenticationOf(
  config: KongRecord,
  endpoint: 'token' | 'introspection',
): ClientAuthentication | undefined {
  const own = `${endpoint}_endpoint_auth_method`;
  const [shared] = config.list('client_auth') ?? [];
  const [name, value] = config.value(own) === undefined ? ['client_auth', shared] : [own, config.text(own)];
  if (value === undefined) return undefined;
  const known: KongAuthentication | undefined = AUTHENTICATIONS.find((method) => method === value);
  if (known === undefined) throw config.refusal(name, `expected one of: ${AUTHENTICATIONS.join(', ')}`);
  if (known === 'tls_client_auth' || known === 'self_signed_tls_client_auth')
    throw config.refusal(name, `${known} is not carried over: its certificate stays in Kong`);
  assertAlgorithm(config, known);
  return known;
}

/**
 * Reads how Kong authenticates at an endpoint; `undefined` where it is no client.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readOidcClient(config: KongRecord, endpoint: 'token' | 'introspection'): ClientOptions | undefined {
  const [id] = config.list('client_id') ?? [];
  if (id === undefined) return undefined;
  const authentication = authenticationOf(config, endpoint);
  const proof = proofOf(config, authentication);
  if (authentication !== 'none' && proof.secret === undefined && proof.privateKey === undefined)
    throw config.refusal('client_secret', 'required field missing');
  // Kong's file says both apart; resolveClient holds the one to the other.
  return { id, ...proof, ...(authentication === undefined ? {} : { authentication }) } as ClientOptions;
}

/** Warns of further clients, among which requests choose by an argument that is not looked at here. */
export function warnOfClients(config: KongRecord, warnings: Warnings): void {
  if ((config.list('client_id') ?? []).length > 1)
    warnings.add(config, 'client_id', 'names several clients; the first one is carried over');
}
