/** What the files of a room may import besides their own room and the bottom. */
export interface Room {
  readonly uses: readonly string[];
  /** Rooms of which only types are known. */
  readonly types?: readonly string[];
  /** Of these rooms, the only files that may be imported. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
}

/** Known to every room, and knowing none above. */
export const BOTTOM: readonly string[] = ['errors', 'events', 'options', 'clock', 'http'];

const TRADE = ['tokens', 'keys', 'verification', 'principal', 'consumers', 'users', 'grants'];
const METHODS = [...TRADE, 'pipeline', 'issuers', 'methods'];
const EVERYTHING = [...METHODS, 'sign-in', 'guards'];

/** The rooms of `lib/` and the arrows between them: DESIGN section 5 as a table. `index` is `lib/index.ts`. */
export const ROOMS: Readonly<Record<string, Room>> = {
  errors: { uses: [] },
  events: { uses: ['errors'] },
  options: { uses: ['errors'] },
  clock: { uses: [] },
  http: { uses: [] },

  tokens: { uses: [] },
  keys: { uses: ['tokens'] },
  verification: { uses: ['keys', 'tokens'] },
  consumers: { uses: ['keys', 'tokens'] },
  principal: { uses: ['tokens'], types: ['consumers'] },
  users: { uses: ['principal'], types: ['tokens'] },
  grants: { uses: ['keys', 'tokens'] },

  pipeline: { uses: TRADE },
  issuers: { uses: [...TRADE, 'pipeline'] },
  methods: { uses: [...TRADE, 'pipeline', 'issuers'] },
  'sign-in': { uses: METHODS },
  guards: { uses: ['principal', 'pipeline'], only: { pipeline: ['lib/pipeline/request-record.ts'] } },
  index: { uses: EVERYTHING },

  migrate: { uses: EVERYTHING },
  postgres: { uses: ['consumers', 'users', 'keys', 'principal'] },
  redis: { uses: ['verification', 'tokens', 'keys'], types: ['methods', 'sign-in', 'grants'] },
  testing: { uses: EVERYTHING },
  cli: { uses: EVERYTHING },
};

/** Each behind its own subpath or the command; no other room imports them. */
export const SUBPATH_ROOMS: readonly string[] = ['migrate', 'postgres', 'redis', 'testing', 'cli'];

/** The only files that may be called `index.ts`. */
export const DOOR_FILES: readonly string[] = [
  'lib/index.ts',
  'lib/migrate/index.ts',
  'lib/postgres/index.ts',
  'lib/redis/index.ts',
  'lib/testing/index.ts',
];

/**
 * Where a package may be loaded at run time; its types may be named anywhere. A package that is not here may not
 * even be named: every dependency is a decision.
 */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  jose: ['methods', 'sign-in', 'testing'],
  'openid-client': ['grants'],
  'lru-cache': ['keys', 'verification', 'users', 'grants', 'issuers', 'methods', 'sign-in'],
  re2js: ['principal'],
  yaml: ['migrate'],
  'https-proxy-agent': ['http'],
  express: [],
};

/** Packages that few users need, or that take long to load: they are loaded by a call where they are used first. */
export const ON_DEMAND: readonly string[] = ['re2js', 'yaml', 'https-proxy-agent'];

/** The room of a path under `lib/`, or `undefined` where the table knows none. */
export function roomOf(path: string): string | undefined {
  if (path === 'lib/index.ts') return 'index';
  const name = /^lib\/([^/]+)\/./.exec(path)?.[1];
  return name !== undefined && name !== 'index' && Object.hasOwn(ROOMS, name) ? name : undefined;
}

/** The folder of an auth method, `lib/methods/oidc-bearer` say, in which a path stands. */
export function methodFolderOf(path: string): string | undefined {
  return /^lib\/methods\/[^/]+(?=\/)/.exec(path)?.[0];
}
