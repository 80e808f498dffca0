// Configurations that every compiler takes, values from the environment included.
import { generateKeyPairSync } from 'node:crypto';
import {
  type AuthMethod,
  apiKey,
  backchannelLogout,
  basicGrant,
  consumerJwt,
  discoveryKeys,
  fromBearer,
  fromCookie,
  fromHeader,
  type IssuerOptions,
  jwksKeys,
  jwtAuth,
  jwtIdp,
  localToken,
  memoryApiKeys,
  memoryConsumers,
  memoryRevocations,
  memoryUsers,
  type OidcBearerOptions,
  oidcBearer,
  oidcPresets,
  pemPerKidKeys,
  staticKeys,
  wafPresets,
  wafToken,
} from 'sallyport';
import { postgresConsumers, postgresUsers } from 'sallyport/postgres';
import { redisCache, redisRevocations } from 'sallyport/redis';

declare const pool: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> };
declare const redis: { call(...args: unknown[]): Promise<unknown> };
const env: Readonly<Record<string, string | undefined>> = process.env;
const issuer = 'https://login.example.com';
const audience = 'api';
const pem = env.KEY ?? '';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const store = memoryUsers();
const revocations = memoryRevocations({ maxLifetime: undefined });

// From the environment: an option may be undefined, and is refused at the start where it decides.
memoryConsumers([{ username: 'jsmith', credentials: [{ key: env.KEY, secret: env.SECRET }] }]);
memoryConsumers([{ username: env.NAME, groups: undefined, credentials: undefined }]);
oidcBearer({ issuer, audience, jwksUri: env.JWKS_URI });
oidcBearer({ issuer, audience, publicKeys: env.PUBLIC_KEY });
oidcBearer({ issuer, audience, ca: env.CA, realm: env.REALM, name: undefined, clockTolerance: undefined });
oidcBearer({
  issuer,
  audience,
  introspection: { client: { id: 'api', secret: env.CLIENT_SECRET }, endpoint: env.URL },
});
basicGrant({ issuer, verify: oidcBearer({ issuer, audience }), client: { id: 'gw', secret: env.GATEWAY_SECRET } });
localToken({ issuer, audience: env.AUDIENCE, keys: [{ kid: '1', algorithm: 'HS256', secret: env.SECRET }] });
localToken({ issuer, keys: [{ kid: '1', algorithm: 'ES256', privateKey: env.PRIVATE_KEY }] });
wafToken({ issuer, audience, jwksUri: env.JWKS_URI, header: env.HEADER, trustedPeers: env.PEERS?.split(',') });
apiKey({ keys: memoryApiKeys([], { prefix: env.PREFIX }), header: env.HEADER });
redisRevocations({ client: redis, prefix: env.PREFIX, timeout: undefined });
postgresUsers({ client: pool, schema: env.SCHEMA });

// One issuer, by each source of keys.
const bearer: AuthMethod = oidcBearer({ issuer, audience });
oidcBearer({ issuer, audience: null });
oidcBearer({ issuer, audience: ['a', 'b'], discovery: { url: 'https://login.example.com/doc' }, ca: pem });
oidcBearer({ issuer, audience, jwksUri: 'https://login.example.com/keys', maxStale: 0, cooldown: 10 });
oidcBearer({ issuer, audience, publicKeys: [pem, publicKey, publicKey.export({ format: 'jwk' })] });
oidcBearer({ issuer, audience, publicKeys: pem, algorithms: ['ES256', 'EdDSA'], tokenProfile: 'at+jwt' });
oidcBearer({ issuer, audience, keys: jwksKeys({ jwksUri: 'https://login.example.com/keys', algorithms: ['RS256'] }) });
oidcBearer({ issuer, audience, keys: discoveryKeys({ issuer, aliases: ['https://other.example.com'] }) });
oidcBearer({ issuer, audience, keys: staticKeys({ publicKeys: pem }), expirationLeeway: 150 });
oidcBearer({ issuer: [issuer, 'login.example.com'], audience: null, clients: ['web'] });
oidcBearer({ issuer: null, as: 'pf', audience, jwksUri: env.JWKS_URI });
oidcBearer({ issuer: null, as: 'pf', audience, secret: env.SECRET });
oidcBearer({ issuer, audience: async (audiences, { azp }) => audiences.length > 0 || azp === 'web' });
wafToken({ issuer: [issuer, 'waf'], audience: (audiences) => audiences.includes('api'), jwksUri: env.JWKS_URI });
wafToken({ issuer: null, as: 'waf', audience, publicKeys: pem });
oidcBearer({ issuer: 'https://login.example.com/{tenantid}/v2.0', tenants: ['a'], audience });
oidcBearer({ issuer, audience, introspection: { client: { id: 'api', authentication: 'none' }, also: 'jwt' } });

// Many issuers.
const tenant = async (iss: string): Promise<IssuerOptions | undefined> =>
  iss === issuer ? { issuer, audience, publicKeys: pem } : undefined;
oidcBearer({ issuers: (iss) => ({ issuer: [issuer, iss], audience, clients: ['web'], publicKeys: pem }) });
oidcBearer({ issuers: tenant, requiredClaims: ['exp', 'sub'] });
oidcBearer({ issuers: (iss) => ({ issuer: iss, audience: null, jwksUri: `${iss}/keys` }) });
oidcBearer({
  issuers: async (iss) => ({
    issuer: iss,
    audience,
    publicKeys: pem,
    claims: { scopes: 'permissions', roles: ({ realm_access }) => realm_access?.roles },
    validators: ({ amr }) => amr?.includes('otp') === true,
    subjects: 'user',
    maxAge: 3600,
  }),
});

// What methods have in common.
oidcBearer({
  issuer,
  audience,
  tokenFrom: [fromBearer(), fromCookie('token'), fromHeader('x-token'), (req) => req.headers['x-other']?.toString()],
  claims: { groups: ['realm_access', 'roles'], username: ({ email }) => email, attributes: { team: '/team' } },
  roleBindings: [{ when: 'value.team == "ops"', role: 'ops' }],
  validators: (claims, { header }) => claims.sub !== undefined && header.alg !== 'none',
  isRevoked: revocations.check,
  users: async ({ subject, email }, { reason }) => ({ id: subject, email, reason }),
  anonymous: { username: 'guest', groups: ['guests'] },
  cache: { maxEntries: 10 },
  respond: 'next',
  onEvent: (event) => void event.type,
});
oidcBearer({
  issuer,
  audience,
  users: { store, autoRegister: ({ email }) => email !== undefined, allowedDomains: ['a.b'] },
});
oidcBearer({ issuer, audience, users: { callback: async () => null, timeout: 2 } });
const options: OidcBearerOptions = { issuer, audience, publicKeys: publicKey };
oidcBearer({ ...options, exposeReason: true });
consumerJwt({ consumers: memoryConsumers(), keyClaim: 'kid', claims: { subject: 'sub' } });
jwtAuth({ methods: [bearer, consumerJwt({ consumers: memoryConsumers() })], credentialsRequired: false });

// What a WAF says.
wafToken({ issuer, audience, pemPerKid: 'https://keys.example.com/{kid}', maxAge: 3600, ca: pem });
wafToken({ issuer, audience, pemPerKid: { url: 'https://keys.example.com/{kid}', kidPattern: /^\d+$/ } });
wafToken({ issuer, audience, keys: pemPerKidKeys({ url: 'https://keys.example.com/{kid}' }) });
wafToken({ preset: 'cloudflareAccess', team: 'example', audience, onEvent: (event) => void event.type });
wafToken({ preset: wafPresets.googleIap, audience, users: async ({ subject }) => ({ subject }) });
wafToken({ preset: wafPresets.pomerium({ routeHost: 'app.example.com' }), name: 'edge' });
wafPresets.teleport({ cluster: 'example.com', proxy: env.PROXY, audience });
wafPresets.authentik({ issuer, clientId: 'app', publicKeys: pem });
wafPresets.awsAlb({ albArn: ['a'], clientId: 'c', issuer, pemPerKid: 'https://keys.example.com/{kid}' });

// A provider by its name.
oidcPresets.auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' });
oidcPresets.auth0({
  domain: 'acme.eu.auth0.com',
  customDomains: ['login.acme.com'],
  audience,
  namespace: env.NAMESPACE,
});
oidcPresets.okta({ domain: 'acme.okta.com', audience: [audience], jwksUri: env.JWKS_URI, claims: { groups: 'teams' } });
oidcPresets.githubActions({ audience, repositories: ['acme/app', { id: 74, environment: env.ENVIRONMENT }] });
oidcPresets.entra({ tenant: 'a', clientId: 'api', versions: [2] });
oidcPresets.entra({ tenants: ['a', 'b'], clientId: ['api', 'api-2'], appIdUri: env.APP_ID_URI });
oidcPresets.b2c({ tenant: 'contoso', tenantId: 'a', policies: ['B2C_1_signin'], clientId: 'api' });
oidcPresets.cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_A', clientId: 'c', use: 'id' });
oidcPresets.keycloak({ url: issuer, realm: 'shop', clientId: 'shop-api', internalUrl: env.KEYCLOAK_URL });
oidcPresets.keycloak({ url: issuer, realm: 'shop', clientId: 'shop-api', audience: (all) => all.includes('a') });
oidcPresets.zitadel({ issuer, projectId: '200', introspection: { client: { id: 'api', secret: env.SECRET } } });
oidcPresets.supabase({ projectRef: 'abcdefgh', jwtSecret: env.SUPABASE_JWT_SECRET, users: { store } });
oidcPresets.clerk({ issuer, authorizedParties: ['https://app.acme.com'], tokenFrom: fromCookie('__session') });
oidcPresets.logto({ endpoint: issuer, organizations: true });
oidcPresets.ping({ issuer: null, as: 'pf', audience: null, jwksUri: issuer, claims: { subject: 'Username' } });
oidcPresets.kubernetes({ audience, serviceAccounts: ['default/web'], issuer: [issuer, 'old'], ca: pem });
oidcPresets.spiffe({ trustDomain: 'example.org', audience, ids: '*', bundle: '/run/bundle.json' });
oidcPresets.gitlabCi({ url: issuer, audience, projects: [20, 'acme/app'], onEvent: (event) => void event.type });

// The application's own.
basicGrant({ issuer, verify: bearer, grants: ['client_credentials'], clientAuthentication: 'post' });
basicGrant({
  issuer,
  verify: bearer,
  client: { id: 'gw', authentication: 'private_key_jwt', privateKey },
  grants: ['password'],
});
basicGrant({
  issuer,
  verify: bearer,
  client: { id: 'gw', certificate: { cert: pem, key: pem } },
  clientAuthentication: 'tls_client_auth',
});
basicGrant({
  issuer,
  verify: bearer,
  tokenEndpoint: env.TOKEN_ENDPOINT,
  cache: redisCache({ client: redis, encryptionKey: pem }),
});
postgresConsumers({ client: pool, keyEncryption: { current: 'k1', keys: { k1: new Uint8Array(32) } } });
backchannelLogout({ issuer, audience, revocations, jwksUri: env.JWKS_URI, revokeBy: 'sub' });
const session = localToken({
  issuer,
  cookie: true,
  keys: [{ kid: '1', algorithm: 'HS256', secret: new Uint8Array(32) }],
});
jwtIdp({
  jwtEndpoint: issuer,
  method: bearer,
  session,
  secret: pem,
  allowedReturnUrls: ['/'],
  callbackUrl: env.CALLBACK_URL,
});
