/** What is written first, by factory or option, so that a message can show it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  jwtAuth: '({ methods: [first, second] })',
  consumerJwt: '({ consumers })',
  oidcBearer: '({ issuer, audience })',
  sharedSecretJwt: '({ secret })',
  wafToken: '({ header, issuer, audience })',
  basicGrant: '({ issuer, client, verify })',
  apiKey: '({ keys })',
  localToken: '({ issuer, keys })',
  defineMethod: '({ name, verify })',
  discoveryKeys: '({ issuer })',
  jwksKeys: '({ jwksUri })',
  staticKeys: '({ publicKeys })',
  requirePrincipal: "({ type: 'user' })",
  requireRecentLogin: '({ maxAge: 300 })',
  fromHeader: "(name, { scheme: 'Bearer' })",
  postgresUsers: '({ client })',
  postgresConsumers: '({ client, keyEncryption })',
  postgresApiKeys: '({ client })',
  redisCache: '({ client, encryptionKey })',
  redisRevocations: '({ client })',
  redisStates: '({ client })',
  discovery: ': { url }',
  introspection: ': { client: { id, secret } }',
  client: ': { id, secret }',
  anonymous: ": { username: 'guest' }",
  claims: ": { roles: ['realm_access', 'roles'] }",
  cookie: ": { name: 'session' }",
  cache: ': { maxEntries: 10000 }',
  users: ': { store }',
  groups: ": { mode: 'mirror' }",
  keyEncryption: ": { current: 'k1', keys: { k1: <32 bytes> } }",
};

/** The end of a message that shows how a factory or an option is written. */
export function exampleOf(option: string): string {
  const name = option.replace(/^.*\./, '');
  const shown = EXAMPLES[name];
  return shown === undefined ? '' : `, as in ${name}${shown}`;
}

/** How a factory is called. */
export function callOf(factory: string): string {
  return `${factory}${EXAMPLES[factory] ?? '(…)'}`;
}
