import { plainName } from './other-names.js';

const PROPERTY = 'the result is always req.principal, and its claims are req.principal.claims';
const CACHED = 'keys are cached by the provider’s Cache-Control, with cooldown and maxStale as limits';
const FETCHES = 'fetches are limited already, and cooldown says how often there may be one';
const TIME_LIMIT = 'fetches end after 5 seconds, which is not to be set';
const GUARDED = 'is asked by a guard on the route';
const ONE_SECRET =
  'one secret that signs all tokens belongs to sharedSecretJwt({ secret }), a secret for each API client to memoryConsumers([{ username, credentials: [{ key, secret }] }])';

/** Sentences about options of other libraries that have no option here, or not in every factory. */
const WORDS: Readonly<Record<string, string>> = {
  user_id: "the claim that names people is mapped by claims: { subject: '…' }",
  id: "the claim that names people is mapped by claims: { subject: '…' }",
  secret: ONE_SECRET,
  secretOrKey:
    'with one secret (HS256) the method is sharedSecretJwt({ secret }), with a public key oidcBearer({ publicKeys })',
  secretOrPublicKey:
    'with one secret (HS256) the method is sharedSecretJwt({ secret }), with a public key oidcBearer({ publicKeys })',
  secretOrKeyProvider:
    'keys are found by discovery or jwksUri in oidcBearer; several secrets are a list in sharedSecretJwt({ secret: [...] })',
  jwtSecret: ONE_SECRET,
  jwt_secret: ONE_SECRET,
  secretKey: ONE_SECRET,
  sharedSecret: ONE_SECRET,
  key: 'a public key is oidcBearer({ publicKeys }), a shared secret sharedSecretJwt({ secret })',
  pem: 'a public key in PEM is publicKeys of oidcBearer',
  cert: 'a public key or certificate in PEM is publicKeys of oidcBearer',
  realmPublicKey: 'a public key in PEM is publicKeys of oidcBearer',
  requestProperty: PROPERTY,
  resultProperty: PROPERTY,
  userProperty: PROPERTY,
  tokenKey: 'the token itself is not kept on the request; tokenFrom says where it stands',
  assignProperty: PROPERTY,
  decoratorName: PROPERTY,
  complete: `${PROPERTY}; validators are shown the header as well`,
  subject: "what sub must be is a rule of your own: validators: (claims) => claims.sub === '…'",
  allowedSub: "what sub must be is a rule of your own: validators: (claims) => claims.sub === '…'",
  nonce: 'a nonce belongs to the sign-in of a client; a rule of your own is a function in validators',
  jwtid: 'withdrawn tokens are known by isRevoked, and rules of your own are functions in validators',
  passReqToCallback: 'functions are given the request already: validators (claims, { req }), users (identity, { req })',
  verify:
    'what the verify callback did is users: (identity) => findById(identity.subject), and rules of your own are functions in validators',
  verifyCallback:
    'what it did is users: (identity) => findById(identity.subject), and rules of your own are functions in validators',
  validateFn: 'rules of your own are functions in validators',
  jsonWebTokenOptions: 'its members are options here: issuer, audience, algorithms, clockTolerance',
  session: 'there are no sessions; every request is verified, and localToken({ cookie }) makes a session of your own',
  failureRedirect: "a refusal is answered by respond: (error, req, res) => res.redirect('/login')",
  failWithError: "respond: 'next' hands refusals to your error handler",
  onExpired: "respond: (error, req, res) => … answers refusals; error.code is 'token_expired' then",
  ignoreNotBefore: 'nbf is always checked, with clockTolerance',
  clockTimestamp: 'the clock of the process counts; fake timers set it in a test',
  allowInvalidAsymmetricKeyTypes: 'a key that does not fit its algorithm is never taken',
  requestTimeout: TIME_LIMIT,
  httpTimeout: TIME_LIMIT,
  timeout: TIME_LIMIT,
  timeoutDuration: TIME_LIMIT,
  cacheMaxAge: CACHED,
  cacheTTL: 'verified tokens are cached until they end: cache: { maxEntries, maxBytes }, or cache: false',
  errorCacheTTL: 'refusals are never cached',
  cacheKeyBuilder: 'verified tokens are cached by a digest of the token: cache: { maxEntries, maxBytes }',
  cacheMaxEntries: 'key sets hold at most 100 keys, and all of them are kept',
  rateLimit: FETCHES,
  jwksRequestsPerMinute: FETCHES,
  fetcher:
    'how keys are fetched is said by keyRequest: { headers, bearerFile, proxy }; keys takes a source of your own',
  handleSigningKeyError: 'respond answers refusals, and onEvent is told of each',
  requestHeaders: 'headers of these fetches are keyRequest: { headers }',
  jwks: 'a key set in the configuration is publicKeys: jwks.keys of oidcBearer',
  jwksUri: 'keys that are fetched belong to oidcBearer({ issuer, audience, jwksUri })',
  publicKey: 'a public key is oidcBearer({ publicKeys }), for consumers a credential with algorithm and publicKey',
  publicKeys: 'public keys belong to oidcBearer({ issuer, audience, publicKeys })',
  domain: 'the provider is named by issuer: https://<domain>/, exactly as its tokens write iss',
  tenant: 'the provider is named by issuer, exactly as its tokens write iss',
  userPoolId: "the pool is named by issuer: 'https://cognito-idp.<region>.amazonaws.com/<userPoolId>'",
  authServerUrl: "the realm is named by issuer: 'https://<host>/realms/<realm>'",
  serverUrl: "the realm is named by issuer: 'https://<host>/realms/<realm>'",
  sslRequired: 'addresses are https; dangerouslyAllowHttp: true takes http inside a network of your own',
  bearerOnly: 'there is nothing else: a request without a good token is refused',
  publicClient: 'an API is no client; it needs issuer and audience',
  confidentialPort: 'an API answers no redirects; there is no port to set',
  verifyTokenAudience: 'audience is checked unless it is null',
  resource: 'the name that tokens for this API carry in aud is audience',
  clientID: 'an API checks whom tokens are for by audience; a client of its own is told to introspection or basicGrant',
  baseURL: 'an API needs no address of its own; whom tokens must be for is audience',
  scope: `a scope ${GUARDED}: requireScopes('read')`,
  scopes: `a scope ${GUARDED}: requireScopes('read')`,
  requiredScopes: `a scope ${GUARDED}: requireScopes('read')`,
  roles: `a role ${GUARDED}: requireRoles('admin'); where tokens write roles is said by claims: { roles: … }`,
  role: `a role ${GUARDED}: requireRoles('admin'); where tokens write roles is said by claims: { roles: … }`,
  groups: `a group ${GUARDED}: requireGroups('ops'); where tokens write groups is said by claims: { groups: … }`,
  permissions: `a permission ${GUARDED}: requireScopes(…) with claims: { scopes: 'permissions' }`,
  required: 'a request without a credential is refused already; credentialsRequired: false lets it pass',
  path: "paths are said where the method is mounted: app.use('/api', method); what stays open is mounted before it",
  paths: "paths are said where the method is mounted: app.use('/api', method); what stays open is mounted before it",
  unless: "what stays open is mounted before the method, or the method on a path: app.use('/api', method)",
  exclude: "what stays open is mounted before the method, or the method on a path: app.use('/api', method)",
  publicPaths: "what stays open is mounted before the method, or the method on a path: app.use('/api', method)",
  dpop: 'proofs of possession (RFC 9449) are not checked yet, and bound tokens are refused',
  strategies: 'the methods are a list: methods: [oidcBearer({ … }), sharedSecretJwt({ … })]',
  issuer: 'the issuer is said to a method for its tokens, such as oidcBearer({ issuer, audience })',
  audience:
    'the audience is said to a method with an issuer: oidcBearer({ issuer, audience }), sharedSecretJwt({ secret, audience }); other rules are functions in validators',
  algorithms:
    'the algorithm is a consumer credential’s own: credentials: [{ key, algorithm, secret }]; for one shared secret the method is sharedSecretJwt({ secret, algorithms })',
  expiresIn: 'how long a token lives is ttl, in seconds',
  cors: 'CORS is answered by the package cors, mounted before the method; skipPreflight: true lets preflights pass',
  credentials: 'consumers with their credentials are memoryConsumers([{ username, credentials }])',
  url: 'a connection is made by the application; give the connected client: { client }',
  host: 'a connection is made by the application; give the connected client: { client }',
  connectionString:
    'a connection is made by the application; give a pool of pg: { client: new Pool({ connectionString }) }',
  pool: 'the pool is given as client',
  debug: 'NODE_DEBUG=sallyport writes one line for each refusal, and onEvent is told of each',
};

const IN_WORDS = new Map(Object.entries(WORDS).map(([name, words]) => [plainName(name), words]));

/** What to say of an option of another library that has no option here. Used in error messages only. */
export function wordsFor(name: string): string | undefined {
  return IN_WORDS.get(plainName(name));
}
