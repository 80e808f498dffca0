// Configurations that no compiler may take. Each fails the build as soon as it compiles.
import {
  apiKey,
  basicGrant,
  consumerJwt,
  jwksKeys,
  jwtAuth,
  localToken,
  memoryConsumers,
  memoryUsers,
  oidcBearer,
  oidcPresets,
  staticKeys,
  wafPresets,
  wafToken,
} from 'sallyport';
import { postgresConsumers } from 'sallyport/postgres';
import { redisCache } from 'sallyport/redis';

declare const pem: string;
declare const redis: { call(...args: unknown[]): Promise<unknown> };
declare const pool: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> };
const issuer = 'https://login.example.com';
const audience = 'api';
const jwksUri = 'https://login.example.com/keys';
const keys = jwksKeys({ jwksUri });
const consumers = memoryConsumers();
const store = memoryUsers();
const verify = oidcBearer({ issuer, audience });

// Options that decide which tokens are accepted.
// @ts-expect-error neither issuer nor issuers
oidcBearer({});
// @ts-expect-error no audience
oidcBearer({ issuer });
// @ts-expect-error no issuer
oidcBearer({ audience });
// @ts-expect-error an audience that is not set, where null would say that none is checked
oidcBearer({ issuer, audience: undefined });
// @ts-expect-error issuer beside issuers
oidcBearer({ issuer, audience, issuers: async () => undefined });
// @ts-expect-error audience beside issuers
oidcBearer({ issuers: async () => undefined, audience });
// @ts-expect-error introspection asks one issuer
oidcBearer({ issuers: async () => undefined, introspection: { client: { id: 'a', secret: 'b' } } });
// @ts-expect-error the answer of a resolver has no audience
oidcBearer({ issuers: async () => ({ issuer, jwksUri }) });
// @ts-expect-error the answer of a resolver has two sources of keys
oidcBearer({ issuers: async () => ({ issuer, audience, jwksUri, publicKeys: pem }) });

// @ts-expect-error no issuer, and no name in place of it
oidcBearer({ issuer: null, audience, jwksUri });
// @ts-expect-error a name beside an issuer that has one
oidcBearer({ issuer, as: 'pf', audience, jwksUri });
// @ts-expect-error keys that would have to be discovered without an issuer
oidcBearer({ issuer: null, as: 'pf', audience });
// @ts-expect-error a document without an issuer that it could confirm
oidcBearer({ issuer: null, as: 'pf', audience, discovery: { url: issuer } });
// @ts-expect-error tenants of an issuer without a name
oidcBearer({ issuer: null, as: 'pf', audience, jwksUri, tenants: ['a'] });
// @ts-expect-error a resolver is asked by the issuer
oidcBearer({ issuers: async () => ({ issuer: null, as: 'pf', audience, jwksUri }) });
// @ts-expect-error clients as a text
oidcBearer({ issuer, audience, clients: 'web' });
// @ts-expect-error a function that answers with no boolean
oidcBearer({ issuer, audience: () => 'api' });

// One source of keys.
// @ts-expect-error jwksUri beside publicKeys
oidcBearer({ issuer, audience, jwksUri, publicKeys: pem });
// @ts-expect-error discovery beside jwksUri
oidcBearer({ issuer, audience, jwksUri, discovery: { url: issuer } });
// @ts-expect-error discovery beside publicKeys
oidcBearer({ issuer, audience, publicKeys: pem, discovery: { url: issuer } });
// @ts-expect-error keys beside publicKeys
oidcBearer({ issuer, audience, publicKeys: pem, keys });
// @ts-expect-error keys beside jwksUri
oidcBearer({ issuer, audience, jwksUri, keys });
// @ts-expect-error a document that has no address
oidcBearer({ issuer, audience, discovery: {} });
// @ts-expect-error keys that are not fetched do not get stale
oidcBearer({ issuer, audience, publicKeys: pem, maxStale: 60 });
// @ts-expect-error a key that is a number
oidcBearer({ issuer, audience, publicKeys: 42 });
// @ts-expect-error a key of a list that may be undefined
oidcBearer({ issuer, audience, publicKeys: [pem, undefined] });

// Algorithms of public keys.
// @ts-expect-error a shared secret
oidcBearer({ issuer, audience, algorithms: ['HS256'] });
// @ts-expect-error no algorithm
oidcBearer({ issuer, audience, algorithms: ['none'] });
// @ts-expect-error a shared secret
wafToken({ issuer, audience, jwksUri, algorithms: ['HS512'] });
// @ts-expect-error a shared secret
staticKeys({ publicKeys: pem, algorithms: ['HS256'] });

// Names and values of single options.
// @ts-expect-error a typo
oidcBearer({ issuer, audience, clockTolerence: 5 });
// @ts-expect-error another library's name
oidcBearer({ issuer, audience, authRequired: false });
// @ts-expect-error a text for a number
oidcBearer({ issuer, audience, clockTolerance: '60' });
// @ts-expect-error a profile that does not exist
oidcBearer({ issuer, audience, tokenProfile: 'id' });
// @ts-expect-error a misspelt claim
oidcBearer({ issuer, audience, claims: { gruops: 'groups' } });
// @ts-expect-error consumers as a list
consumerJwt({ consumers: [{ username: 'a' }] });
// @ts-expect-error a method that is not in a list
jwtAuth({ methods: consumerJwt({ consumers }) });
// @ts-expect-error a middleware that is no method
jwtAuth({ methods: [() => undefined] });

// What a WAF says.
// @ts-expect-error a typo beside a preset
wafToken({ preset: wafPresets.googleIap, audeince: 'x' });
// @ts-expect-error a wrong type beside a preset's name
wafToken({ preset: 'cloudflareAccess', team: 42 });
// @ts-expect-error a preset's own option is missing
wafToken({ preset: 'cloudflareAccess', team: 'example' });
// @ts-expect-error another product's option
wafToken({ preset: 'googleIap', audience, team: 'example' });
// @ts-expect-error a product that there is no preset for
wafToken({ preset: 'oracle', audience });
// @ts-expect-error a typo in a preset of its own
wafPresets.googleIap({ audience, hedaer: 'y' });
// @ts-expect-error a typo beside a method that a preset made
wafToken({ preset: wafPresets.googleIap({ audience }), maxAeg: 60 });
// @ts-expect-error pemPerKid beside jwksUri
wafToken({ issuer, audience, jwksUri, pemPerKid: 'https://keys.example.com/{kid}' });
// @ts-expect-error pemPerKid beside publicKeys
wafToken({ issuer, audience, publicKeys: pem, pemPerKid: 'https://keys.example.com/{kid}' });

// Keys and clients of the application's own.
// @ts-expect-error a secret for an algorithm that signs with a private key
localToken({ issuer, keys: [{ kid: '1', algorithm: 'ES256', secret: 'x' }] });
// @ts-expect-error a private key for an algorithm that signs with a secret
localToken({ issuer, keys: [{ kid: '1', algorithm: 'HS256', privateKey: pem }] });
// @ts-expect-error both
localToken({ issuer, keys: [{ kid: '1', algorithm: 'HS256', secret: 'x', privateKey: pem }] });
// @ts-expect-error a client without a secret
basicGrant({ issuer, verify, client: { id: 'gateway' } });
// @ts-expect-error a client with a secret and a key
basicGrant({ issuer, verify, client: { id: 'gateway', secret: 'x', privateKey: pem } });
// @ts-expect-error a client without the key that it signs with
basicGrant({ issuer, verify, client: { id: 'gateway', authentication: 'private_key_jwt' } });
// @ts-expect-error people's passwords without a client that asks
basicGrant({ issuer, verify, grants: ['password'] });
// @ts-expect-error two places of one endpoint
basicGrant({ issuer, verify, tokenEndpoint: issuer, discovery: { url: issuer } });
// @ts-expect-error no method that checks the token got
basicGrant({ issuer });

// Who they are.
// @ts-expect-error a store's policy without the store
oidcBearer({ issuer, audience, users: { autoRegister: true } });
// @ts-expect-error both forms
oidcBearer({ issuer, audience, users: { store, callback: async () => null } });
// @ts-expect-error a policy that does not exist
oidcBearer({ issuer, audience, users: { store, linkByEmail: 'always' } });
// @ts-expect-error API keys speak for programs
apiKey({ keys: { findApiKey: async () => undefined }, users: async () => null });

// What is kept elsewhere.
// @ts-expect-error no key that seals
postgresConsumers({ client: pool });
// @ts-expect-error no key that seals
redisCache({ client: redis });

// A provider by its name.
// @ts-expect-error no domain
oidcPresets.auth0({ audience });
// @ts-expect-error no audience
oidcPresets.auth0({ domain: 'acme.eu.auth0.com' });
// @ts-expect-error a typing error
oidcPresets.auth0({ domain: 'acme.eu.auth0.com', audience, namepsace: 'x' });
// @ts-expect-error another provider's option
oidcPresets.okta({ domain: 'acme.okta.com', audience, tenant: 'x' });
// @ts-expect-error many issuers
oidcPresets.okta({ domain: 'acme.okta.com', audience, issuers: async () => undefined });
// @ts-expect-error two sources of keys
oidcPresets.okta({ domain: 'acme.okta.com', audience, jwksUri, publicKeys: pem });
// @ts-expect-error no repositories, so everybody's jobs
oidcPresets.githubActions({ audience });
// @ts-expect-error a rule that there is not
oidcPresets.githubActions({ audience, repositories: [{ id: 74, branch: 'main' }] });
// @ts-expect-error neither tenant nor tenants
oidcPresets.entra({ clientId: 'api' });
// @ts-expect-error both tenant and tenants
oidcPresets.entra({ tenant: 'a', tenants: ['b'], clientId: 'api' });
// @ts-expect-error both projectRef and url
oidcPresets.supabase({ projectRef: 'a', url: 'b' });
// @ts-expect-error neither resource nor organizations
oidcPresets.logto({ endpoint: issuer });
// @ts-expect-error no name for people of an issuer without one
oidcPresets.ping({ issuer: null, audience });
// @ts-expect-error no authorized parties, so every page's sessions
oidcPresets.clerk({ issuer });
// @ts-expect-error no ids, so every workload
oidcPresets.spiffe({ trustDomain: 'example.org', audience, issuer });
// @ts-expect-error no service accounts, so every pod
oidcPresets.kubernetes({ audience });
// @ts-expect-error a use that there is not
oidcPresets.cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_A', clientId: 'c', use: 'refresh' });
// @ts-expect-error one client and several
oidcPresets.workos({ clientId: 'client_1', clientIds: ['client_2'] });
