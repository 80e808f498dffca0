import { asAuthError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { emit } from '../events/auth-event.js';
import { checkOptionNames } from '../options/check-options.js';
import { findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { asMiddleware, type Judge, type Verdict } from './as-middleware.js';
import type { AuthMethod } from './auth-method.js';
import { type Authenticator, authenticatorOf, PresentedToken } from './authenticator.js';
import { assertDisjoint } from './disjoint-methods.js';
import { DOOR_OPTION_NAMES, type Door, type DoorOptions, resolveDoor } from './door-options.js';
import { routeToken } from './route-token.js';
import { verdictOf } from './single-method.js';

/** Options of {@link jwtAuth}. They hold for all its methods, whatever those say for themselves. */
export interface JwtAuthOptions extends DoorOptions {
  /** In order of precedence: the principal is that of the first method that recognised a credential. */
  methods: readonly AuthMethod[];
}

interface JwtAuthConfig {
  readonly door: Door;
  readonly methods: readonly Authenticator[];
}

function resolveJwtAuth(options: JwtAuthOptions): JwtAuthConfig {
  checkOptionNames('jwtAuth', options, [...DOOR_OPTION_NAMES, 'methods']);
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
  return { door: resolveDoor('jwtAuth', options), methods: authenticators };
}

/** One place of a request: the token that stands there, and the methods that read it. */
interface Presentation {
  readonly presented: PresentedToken;
  readonly candidates: Authenticator[];
}

/** Every place with a token in it. A token that stands in two places is two presentations, read once. */
async function presentations(methods: readonly Authenticator[], req: AuthRequest): Promise<Iterable<Presentation>> {
  const byPlace = new Map<string, Presentation>();
  for (const method of methods) {
    const found = await findToken(method.sources, req);
    if (found === undefined) continue;
    const presented = new PresentedToken(found);
    for (const { place } of found.sources) {
      const presentation = byPlace.get(place) ?? { presented, candidates: [] };
      if (!presentation.candidates.includes(method)) presentation.candidates.push(method);
      byPlace.set(place, presentation);
    }
  }
  return byPlace.values();
}

/** One method's judgement, told to that method's own listeners. */
async function judgeBy(method: Authenticator, presented: PresentedToken, req: AuthRequest): Promise<Verdict> {
  try {
    const verdict = await verdictOf(method, presented, req);
    emit(method.listeners, { type: 'accepted', method: method.name, principalType: verdict.principal.type });
    return verdict;
  } catch (thrown) {
    const error = asAuthError(thrown);
    error.method = method.name;
    emit(method.listeners, { type: 'refused', method: method.name, code: error.code, status: error.status, error });
    throw error;
  }
}

/** Every credential that is presented must verify; the first method in the list that recognised one says who it is. */
async function decideTogether(methods: readonly Authenticator[], req: AuthRequest): Promise<Verdict | undefined> {
  const verdicts = new Map<Authenticator, Verdict>();
  for (const { presented, candidates } of await presentations(methods, req)) {
    const method = await routeToken(presented, candidates);
    if (!verdicts.has(method)) verdicts.set(method, await judgeBy(method, presented, req));
  }
  const first = methods.find((method) => verdicts.has(method));
  const principal = first && verdicts.get(first)?.principal;
  if (principal === undefined) return undefined;
  const all = [...verdicts.values()];
  return { principal, used: all.flatMap(({ used }) => used), strip: all.flatMap(({ strip }) => strip) };
}

function composedJudge(methods: readonly Authenticator[]): Judge {
  return {
    sources: methods.flatMap(({ sources }) => sources),
    decide: (req) => decideTogether(methods, req),
    ready: async () => void (await Promise.all(methods.map((method) => method.ready()))),
    health: () => methods.flatMap((method) => method.health()),
    close: async () => void (await Promise.all(methods.map((method) => method.close()))),
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
  const { door, methods } = resolveJwtAuth(options);
  return asMiddleware(door, composedJudge(methods));
}
