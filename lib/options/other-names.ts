/** Sallyport's names for options of other libraries and systems; several where the factories differ in it. */
const OTHER_LIBRARIES_NAMES: Readonly<Record<string, string | readonly string[]>> = {
  authRequired: 'credentialsRequired',
  allow_anon: 'credentialsRequired',
  allowAnonymous: 'credentialsRequired',
  passthrough: 'credentialsRequired',
  optional: 'credentialsRequired',
  jwksUrl: 'jwksUri',
  OIDCDiscoveryURL: 'discovery',
  JWKSCACert: 'ca',
  OIDCDiscoveryCACert: 'ca',
  trustedCertificates: 'ca',
  requestAgent: 'ca',
  agent: ['keyRequest.proxy', 'ca'],
  requestHeaders: 'keyRequest.headers',
  jwksOptions: 'keyRequest',
  getKeysInterceptor: 'initialKeys',
  jwks: 'initialKeys',
  cooldownDuration: 'cooldown',
  cacheMaxAgeFallback: 'maxStale',
  issuerBaseURL: 'issuer',
  issuers_allowed: 'issuer',
  iss: ['issuer', 'key'],
  max: 'maxEntries',
  allowedIss: 'issuer',
  BoundIssuer: 'issuer',
  aud: 'audience',
  audience_required: 'audience',
  allowedAud: 'audience',
  BoundAudiences: 'audience',
  getToken: 'tokenFrom',
  jwtFromRequest: 'tokenFrom',
  extractToken: 'tokenFrom',
  headerName: ['header', 'tokenFrom'],
  header_names: ['header', 'tokenFrom'],
  bearer_token_header_name: ['header', 'tokenFrom'],
  cookie: 'tokenFrom',
  cookieName: 'tokenFrom',
  tokenFrom: 'header',
  header: 'tokenFrom',
  keysEndpoint: 'jwksUri',
  publicKeyUrl: ['pemPerKid', 'jwksUri'],
  trustedProxies: 'trustedPeers',
  trustProxy: 'trustedPeers',
  cookie_names: 'tokenFrom',
  uri_param_names: 'tokenFrom',
  tokenSigningAlg: 'algorithms',
  JWTSupportedAlgs: 'algorithms',
  alg: 'algorithms',
  algorithm: 'algorithms',
  graceSeconds: 'clockTolerance',
  clockSkew: 'clockTolerance',
  ClockSkewLeeway: 'clockTolerance',
  leeway: 'clockTolerance',
  maxTokenAge: 'maxAge',
  allowedJti: 'isRevoked',
  leewaySeconds: 'clockTolerance',
  maximum_expiration: 'maxLifetime',
  key_claim_name: 'keyClaim',
  claims_to_verify: 'requiredClaims',
  ignoreExpiration: 'requiredClaims',
  run_on_preflight: 'skipPreflight',
  hide_credentials: 'stripCredential',
  store: 'consumers',
  consumerStore: 'consumers',
  trusted: 'isRevoked',
  isRevokedCallback: 'isRevoked',
  customJwtCheck: 'validators',
  claimCheck: 'validators',
  validate: 'validators',
  strict: 'tokenProfile',
  checkTyp: 'tokenProfile',
  typ: 'tokenProfile',
  username_claim: 'claims',
  groups_claim: 'claims',
  roles_claim: 'claims',
  scopes_claim: 'claims',
  mapGroups: 'claims',
  ClaimMappings: 'claims',
  ListClaimMappings: 'claims',
  BindingRules: 'roleBindings',
  api_key_claim: 'apiKeys',
  provision: 'users',
  logger: 'onEvent',
  onError: 'respond',
  errorHandler: 'respond',
  secret_is_base64: 'secretEncoding',
  rsa_public_key: 'publicKey',
  jwt_secrets: 'credentials',
  publicKey: 'publicKeys',
  JWTValidationPubKeys: 'publicKeys',
  client_id: ['id', 'client.id', 'introspection.client.id'],
  client_secret: ['secret', 'client.secret', 'introspection.client.secret'],
  client_auth: ['authentication', 'clientAuthentication', 'client.authentication'],
  tokenEndpointAuthMethod: ['authentication', 'client.authentication'],
  authentication: 'client.authentication',
  introspectionEndpoint: ['endpoint', 'introspection.endpoint'],
  introspectionUri: ['endpoint', 'introspection.endpoint'],
  introspectUrl: ['endpoint', 'introspection.endpoint'],
  introspect_jwt_tokens: ['also', 'introspection.also'],
  introspection_accept: ['signed', 'introspection.signed'],
  cache_introspection: ['cache', 'introspection.cache'],
  cache_ttl: ['ttl', 'introspection.ttl'],
  maxTtl: 'ttl',
  auth_methods: 'grants',
  secretOrKey: 'publicKeys',
  secret: 'keys',
  jwtSecret: 'secret',
  secretKey: 'secret',
  sharedSecret: 'secret',
  secretOrPrivateKey: 'secret',
  expiresIn: 'ttl',
  iss_claim: 'issuer',
};

/** A name in lower case and without separators, for comparisons: systems write one word in many ways. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

const MEANT = new Map(Object.entries(OTHER_LIBRARIES_NAMES).map(([name, ours]) => [plainName(name), [ours].flat()]));

/** Sallyport's names for an option of another library. Used in error messages only. */
export function ourNamesFor(name: string): readonly string[] {
  return MEANT.get(plainName(name)) ?? [];
}

/** A known name that differs in case, separators, or at most two letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plainName(name);
  return (
    known.find((candidate) => plainName(candidate) === wanted) ??
    known.find((candidate) => withinTwoEdits(plainName(candidate), wanted))
  );
}

function withinTwoEdits(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2 || Math.min(a.length, b.length) < 4) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 3) <= 2;
}
