import { type Awaitable, after, inTurn } from '../clock/awaitable.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import type { AuthMethod } from '../pipeline/auth-method.js';
import { type Authenticator, authenticatorOf, PresentedToken } from '../pipeline/authenticator.js';
import { assertDisjoint } from '../pipeline/disjoint-methods.js';
import {
  METHOD_OPTION_NAMES,
  type MethodOptions,
  type MethodSettings,
  resolveMethodSettings,
} from '../pipeline/method-settings.js';
import { asMiddleware, type Judge, type Verdict } from '../pipeline/middleware.js';
import { type Router, routerFor, routersAmong } from '../pipeline/routing.js';
import { judgeBy } from '../pipeline/single-method.js';
import { type FoundToken, findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';

/** Options of {@link jwtAuth}. They hold for all its methods, whatever those say for themselves. */
export interface JwtAuthOptions extends MethodOptions {
  /** In order of precedence: the principal is that of the first method that recognised a credential. */
  methods: readonly AuthMethod[];
}

type Candidates = [Authenticator, ...Authenticator[]];

/** Methods that look in the very same places, so that one look serves all of them, and how they divide what is there. */
interface Neighbours {
  readonly methods: Readonly<Candidates>;
  readonly route: Router;
}

interface JwtAuthConfig {
  readonly settings: MethodSettings;
  readonly methods: readonly Authenticator[];
  /** The same in the same order, neighbours together. */
  readonly neighbourhoods: readonly Neighbours[];
  /** The routers of those who are not neighbours and find a token in one place. */
  readonly routerFor: typeof routerFor;
}

function looksAlike({ sources: a }: Authenticator, { sources: b }: Authenticator): boolean {
  return a.length === b.length && a.every((source, index) => source === b[index]);
}

function neighbourhoodsOf(methods: readonly Authenticator[]): Neighbours[] {
  const all: Candidates[] = [];
  for (const method of methods) {
    const last = all.at(-1);
    if (last !== undefined && looksAlike(last[0], method)) last.push(method);
    else all.push([method]);
  }
  return all.map((neighbours) => ({ methods: neighbours, route: routerFor(neighbours) }));
}

function resolveJwtAuth(options: JwtAuthOptions): JwtAuthConfig {
  checkOptionNames('jwtAuth', options, [...METHOD_OPTION_NAMES, 'methods']);
  const { methods } = options;
  if (!Array.isArray(methods) || methods.length === 0) {
    throw new ConfigurationError('jwtAuth.methods', 'expects a non-empty array of auth methods');
  }
  const authenticators = methods.map((method: AuthMethod, index) => {
    const authenticator = authenticatorOf(method);
    if (authenticator === undefined) {
      throw new ConfigurationError(
        `jwtAuth.methods[${index}]`,
        'expects what consumerJwt() or another auth method factory returns',
      );
    }
    return authenticator;
  });
  if (new Set(authenticators).size !== authenticators.length) {
    throw new ConfigurationError('jwtAuth.methods', 'lists one method twice');
  }
  assertDisjoint('jwtAuth.methods', authenticators);
  const neighbourhoods = neighbourhoodsOf(authenticators);
  const settings = resolveMethodSettings('jwtAuth', options);
  return { settings, methods: authenticators, neighbourhoods, routerFor: routersAmong(authenticators) };
}

/** One place of a request: the token that stands there, and the methods that read it. */
interface Presentation {
  readonly place: string;
  readonly presented: PresentedToken;
  readonly candidates: Candidates;
}

/** Notes that a method found a token. The same token counts once, however many methods and places it has. */
function present(all: Presentation[], method: Authenticator, found: FoundToken): void {
  const before = all.find(({ presented: { token } }) => token === found.token);
  const presented = before?.presented ?? new PresentedToken(found);
  presented.alsoIn(found.sources);
  for (const { place } of found.sources) {
    const known = all.find((presentation) => presentation.place === place && presentation.presented === presented);
    if (known === undefined) all.push({ place, presented, candidates: [method] });
    else if (!known.candidates.includes(method)) known.candidates.push(method);
  }
}

/**
 * Every place with a token in it. A token that stands in two places is two presentations, read once; where two
 * methods read two tokens out of one place, both are presented.
 */
function presentations({ neighbourhoods }: JwtAuthConfig, req: AuthRequest): Awaitable<readonly Presentation[]> {
  const all: Presentation[] = [];
  const looked = inTurn(neighbourhoods, ({ methods }) =>
    after(findToken(methods[0].sources, req), (found) => {
      if (found !== undefined) for (const method of methods) present(all, method, found);
    }),
  );
  return after(looked, () => all);
}

/** One credential in one place, or in places that the same methods read. */
function decideOne(
  route: Router,
  presented: PresentedToken,
  { settings }: JwtAuthConfig,
  req: AuthRequest,
): Awaitable<Verdict> {
  return after(route(presented), (method) => judgeBy(method, presented, req, settings.users));
}

/** Every credential that is presented must verify; the first method in the list that recognised one says who it is. */
function decideTogether(config: JwtAuthConfig, req: AuthRequest): Awaitable<Verdict | undefined> {
  const [alike, ...others] = config.neighbourhoods;
  if (alike !== undefined && others.length === 0) {
    const { methods, route } = alike;
    return after(findToken(methods[0].sources, req), (found) =>
      found === undefined ? undefined : decideOne(route, new PresentedToken(found), config, req),
    );
  }
  return after(presentations(config, req), ([first, ...more]): Awaitable<Verdict | undefined> => {
    if (first === undefined) return undefined;
    if (more.length > 0) return decideAmong([first, ...more], config, req);
    return decideOne(config.routerFor(first.candidates), first.presented, config, req);
  });
}

/** More than one credential, or one in several places. */
async function decideAmong(
  all: readonly Presentation[],
  config: JwtAuthConfig,
  req: AuthRequest,
): Promise<Verdict | undefined> {
  const { settings, methods } = config;
  const verdicts = new Map<Authenticator, Verdict>();
  for (const { presented, candidates } of all) {
    const method = await config.routerFor(candidates)(presented);
    if (!verdicts.has(method)) verdicts.set(method, await judgeBy(method, presented, req, settings.users));
  }
  const first = methods.find((method) => verdicts.has(method));
  const verdict = first && verdicts.get(first);
  return verdict && { ...verdict, strip: [...verdicts.values()].flatMap(({ strip }) => strip) };
}

function composedJudge(config: JwtAuthConfig): Judge {
  const { settings, methods } = config;
  const directories = [settings.users, ...methods.map(({ users }) => users)];
  return {
    sources: methods.flatMap(({ sources }) => sources),
    ownHeaders: methods.flatMap(({ ownHeaders = [] }) => ownHeaders),
    decide: (req) => decideTogether(config, req),
    invalidate(change) {
      for (const users of directories) users?.invalidate(change);
    },
    ready: async () => void (await Promise.all(methods.map((method) => method.ready()))),
    health: () => methods.flatMap((method) => method.health()),
    async close() {
      for (const users of directories) users?.close();
      await Promise.all(methods.map((method) => method.close()));
    },
  };
}

/**
 * Several auth methods, one principal.
 *
 * A method that recognises a credential as its own decides: its failure is the answer, and no weaker method is
 * asked. Every credential that a request presents must verify. Tokens in one place are routed by exact issuer,
 * what is left belongs to the consumer method.
 *
 * ```ts
 * app.use(jwtAuth({ methods: [consumerJwt({ consumers })] }));
 * ```
 *
 * @throws ConfigurationError at creation.
 */
export function jwtAuth(options: JwtAuthOptions): AuthMethod {
  const config = resolveJwtAuth(options);
  return asMiddleware(config.settings, composedJudge(config));
}
