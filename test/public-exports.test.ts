import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type PublicDoor, readDoor } from './architecture/public-door.js';

/**
 * Every public name, so that each addition is a decision: a new export goes in here, in the order of `sort()`, and
 * into the changelog. `values` exist at run time (a class stands only there); `types` are the rest.
 */
const PUBLIC: Readonly<Record<string, { values: readonly string[]; types: readonly string[] }>> = {
  '.': {
    values: [
      'AttemptLimitError',
      'AuthError',
      'ConfigurationError',
      'ForbiddenError',
      'InsufficientScopeError',
      'InvalidRequestError',
      'InvalidTokenError',
      'RegistrationLimitError',
      'ServiceUnavailableError',
      'SignInError',
      'UnauthorizedError',
      'apiKey',
      'backchannelLogout',
      'basicGrant',
      'consumerJwt',
      'discoveryKeys',
      'fromBearer',
      'fromBody',
      'fromCookie',
      'fromHeader',
      'fromQuery',
      'jwksKeys',
      'jwtAuth',
      'jwtIdp',
      'linkIdentity',
      'localToken',
      'memoryApiKeys',
      'memoryConsumers',
      'memoryRevocations',
      'memoryUsers',
      'oidcBearer',
      'pemPerKidKeys',
      'principalOf',
      'requireAnyGroup',
      'requireAnyRole',
      'requireAnyScope',
      'requireClaim',
      'requireGroups',
      'requirePrincipal',
      'requireRecentLogin',
      'requireRoles',
      'requireScopes',
      'staticKeys',
      'wafPresets',
      'wafToken',
    ],
    types: [
      'Algorithm',
      'AnonymousOptions',
      'ApiKey',
      'ApiKeyInfo',
      'ApiKeyOptions',
      'ApiKeySeed',
      'ApiKeyStore',
      'AsymmetricAlgorithm',
      'AuthErrorCode',
      'AuthErrorOptions',
      'AuthEvent',
      'AuthMethod',
      'AuthRequest',
      'AuthentikOptions',
      'AwsAlbOptions',
      'AwsVerifiedAccessOptions',
      'AzureEasyAuthOptions',
      'BackchannelLogoutHandler',
      'BackchannelLogoutOptions',
      'BasicGrantOptions',
      'BindingCookieOptions',
      'BindingIdentity',
      'BrowserErrorCode',
      'ClaimExpectation',
      'ClaimMapping',
      'ClaimPath',
      'ClaimStore',
      'ClientAuthentication',
      'ClientCertificate',
      'ClientOptions',
      'CloudflareAccessOptions',
      'Consumer',
      'ConsumerCredential',
      'ConsumerJwtOptions',
      'ConsumerName',
      'ConsumerSeed',
      'ConsumerStore',
      'CreatedApiKey',
      'CreatedCredential',
      'CredentialInfo',
      'DiscoveryKeysOptions',
      'DoorOptions',
      'ExchangeOptions',
      'GoogleIapOptions',
      'GrantCacheSettings',
      'GrantType',
      'GroupSync',
      'GroupSyncOptions',
      'Guard',
      'HmacAlgorithm',
      'IdentityKey',
      'InitialKeys',
      'IntrospectionOptions',
      'Invalidation',
      'IsRevoked',
      'IssuedToken',
      'IssuerOptions',
      'IssuersResolver',
      'JoseHeader',
      'JwksKeysOptions',
      'JwtAuthOptions',
      'JwtIdpOptions',
      'KeyEvent',
      'KeyOptions',
      'KeyRequestOptions',
      'KeySetFormat',
      'KeySetOptions',
      'KeySource',
      'KeySourceHealth',
      'LinkIdentityOptions',
      'LinkVerdict',
      'ListOptions',
      'LocalKeyOptions',
      'LocalTokenMethod',
      'LocalTokenOptions',
      'LoginRouterOptions',
      'LoginServiceOptions',
      'ManagedApiKeyStore',
      'ManagedConsumerStore',
      'MappedClaims',
      'MemoryApiKeysOptions',
      'MemoryRevocationsOptions',
      'MethodOptions',
      'NewApiKey',
      'NewConsumer',
      'NewCredential',
      'NextFunction',
      'OidcBearerOptions',
      'OnEvent',
      'OutageErrorCode',
      'Page',
      'PemPerKid',
      'PemPerKidKeysOptions',
      'PermissionErrorCode',
      'PomeriumOptions',
      'PresetExtras',
      'Principal',
      'PrincipalType',
      'ProvisionInput',
      'ProvisionResult',
      'PublicKeyInput',
      'RecentLoginOptions',
      'RegisteredUser',
      'RegistrationErrorCode',
      'RemoteKeyOptions',
      'RequestErrorCode',
      'Respond',
      'RevocationList',
      'Revocations',
      'RoleBinding',
      'Router',
      'SallyportTypes',
      'SallyportUser',
      'Scheme',
      'SecretEncoding',
      'SessionCookie',
      'SessionCookieOptions',
      'SharedCache',
      'SignInErrorCode',
      'StateStore',
      'StaticKeysOptions',
      'StoredUser',
      'TeleportOptions',
      'TokenApiKeyOptions',
      'TokenCacheOptions',
      'TokenErrorCode',
      'TokenFrom',
      'TokenGetter',
      'TokenOptions',
      'TokenOwner',
      'TokenProfile',
      'TokenSource',
      'TokenValidator',
      'UserCallbackContext',
      'UserIdentity',
      'UserProfile',
      'UserStatus',
      'UserStore',
      'UsersCallback',
      'UsersCallbackOptions',
      'UsersOption',
      'UsersStoreOptions',
      'VerificationKey',
      'WafPreset',
      'WafPresetName',
      'WafPresetOptions',
      'WafProductOptions',
      'WafTokenOptions',
    ],
  },
  './migrate': {
    values: ['fromConduktor', 'fromConsul', 'fromKong', 'fromZitadel'],
    types: [
      'FromConduktorOptions',
      'FromKongOptions',
      'FromZitadelOptions',
      'KongMigration',
      'Migration',
      'MigrationOptions',
      'ZitadelMigration',
      'ZitadelUsers',
    ],
  },
  './postgres': {
    values: ['pgListener', 'postgresApiKeys', 'postgresClaims', 'postgresConsumers', 'postgresUsers', 'schemaSql'],
    types: [
      'KeyEncryption',
      'NotifyingClient',
      'PostgresApiKeyStore',
      'PostgresApiKeysOptions',
      'PostgresClaimStore',
      'PostgresConsumerStore',
      'PostgresConsumersOptions',
      'PostgresUserStore',
      'PostgresUsersOptions',
      'SqlClient',
      'SqlListener',
    ],
  },
  './redis': {
    values: ['redisCache', 'redisRevocations', 'redisStates'],
    types: [
      'CallingClient',
      'OnOutage',
      'RedisCacheOptions',
      'RedisClient',
      'RedisOptions',
      'RedisRevocationsOptions',
      'RedisStatesOptions',
      'SendingClient',
    ],
  },
  './testing': {
    values: [
      'apiKeyStoreContract',
      'consumerStoreContract',
      'mintToken',
      'testConsumer',
      'testIssuer',
      'userStoreContract',
      'wafSimulators',
      'withPrincipal',
    ],
    types: [
      'AlteredAnswer',
      'ContractRule',
      'IssuedTokenShape',
      'IssuerAlgorithm',
      'IssuerEndpoint',
      'IssuerFault',
      'MakeStore',
      'MintOptions',
      'NamedFault',
      'SecureTestIssuer',
      'StoreUnderTest',
      'TestClient',
      'TestConsumer',
      'TestConsumerOptions',
      'TestIssuer',
      'TestIssuerOptions',
      'TestUser',
      'TokenClaims',
      'TokenShape',
      'UserStoreUnderTest',
      'WafFault',
      'WafKeyPlace',
      'WafSimulator',
      'WafTokenShape',
    ],
  },
};

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');

/** `./migrate` is built from `lib/migrate/index.ts`. */
const fileOf = (subpath: string) => `lib/${subpath.slice(2)}/index.ts`.replace('//', '/');

test('every subpath of the package has its list here', () => {
  expect(Object.keys(PUBLIC).sort()).toEqual(subpaths.sort());
});

describe.each(Object.entries(PUBLIC))('the door %s', (subpath, promised) => {
  let door: PublicDoor;
  beforeAll(() => {
    door = readDoor(fileOf(subpath));
  });

  test('exports these values and types, no more and no fewer', () => {
    expect({ values: door.values, types: door.types }).toEqual(promised);
  });

  test('has at run time what its types say', async () => {
    const loaded: object = await import(`../${fileOf(subpath)}`);
    expect(Object.keys(loaded).sort()).toEqual(door.values);
  });

  test('says of every export what it does for the caller', () => {
    expect(door.undocumented).toEqual([]);
  });
});

describe('the reader of doors', () => {
  const door = readDoor('lib/planted.ts', {
    'lib/planted.ts':
      "export { a, type B } from './middle.js'; export * from './star.js'; export type { K } from './class.js';",
    'lib/middle.ts': "export { a } from './origin.js'; export type { B } from './origin.js';",
    'lib/origin.ts': '/** Says. */ export const a = 1; export interface B { /** Not of B. */ c: 1 }',
    'lib/star.ts': '/** @throws Error */ export function s() {} // nothing\nexport class N {}',
    'lib/class.ts': '/** Says. */ export class K {}',
  });

  test('tells values from types through every re-export', () => {
    expect(door.values).toEqual(['N', 'a', 's']);
    expect(door.types).toEqual(['B', 'K']);
  });

  test('finds what is exported without a word, or with tags only', () => {
    expect(door.undocumented).toEqual(['B', 'N', 's']);
  });
});
