import { type Awaitable, after, inTurn } from '../clock/awaitable.js';
import { type FoundToken, findToken } from '../tokens/find-token.js';
import type { TakenHeaders } from '../tokens/headers.js';
import { type KnownTokens, PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { underKnownName } from '../users/invalidation.js';
import type { UserDirectory } from '../users/user-directory.js';
import type { Authenticator } from './auth-method.js';
import { type Router, routerFor, routersAmong } from './choose-method.js';
import type { Accepted, RequestAuthenticator } from './request-handler.js';
import { acceptAloud } from './single-method.js';

type Candidates = [Authenticator, ...Authenticator[]];

/**
 * Methods with identical token sources, which are read once for all, and the router that picks one method per token.
 */
interface SourceGroup {
  readonly methods: Readonly<Candidates>;
  readonly route: Router;
}

/** Several methods that authenticate requests together. */
interface Composition {
  /** Methods in order of precedence. */
  readonly methods: readonly Authenticator[];
  /** Methods grouped by identical token sources, in list order. */
  readonly groups: readonly SourceGroup[];
  /** Makes the router for methods whose sources overlap only in part. */
  readonly routerFor: typeof routerFor;
  /** Caches of verified tokens of the methods. */
  readonly known: readonly KnownTokens[];
  /** Users for methods that have none of their own. */
  readonly users: UserDirectory | undefined;
}

function looksAlike({ sources: a }: Authenticator, { sources: b }: Authenticator): boolean {
  return a.length === b.length && a.every((source, index) => source === b[index]);
}

function groupsOf(methods: readonly Authenticator[]): SourceGroup[] {
  const all: Candidates[] = [];
  for (const method of methods) {
    const last = all.at(-1);
    if (last !== undefined && looksAlike(last[0], method)) last.push(method);
    else all.push([method]);
  }
  return all.map((group) => ({ methods: group, route: routerFor(group) }));
}

/** Place of a request with a token in it, and the methods that read the place. */
interface Presentation {
  readonly place: string;
  readonly presented: PresentedToken;
  readonly candidates: Candidates;
}

/** Adds a token that a method found. Equal tokens count once, however many methods and places found them. */
function present(all: Presentation[], method: Authenticator, found: FoundToken, known: readonly KnownTokens[]): void {
  const before = all.find(({ presented: { token } }) => token === found.token);
  const presented = before?.presented ?? new PresentedToken(found, known);
  presented.alsoIn(found.sources);
  for (const { place } of found.sources) {
    const there = all.find((presentation) => presentation.place === place && presentation.presented === presented);
    if (there === undefined) all.push({ place, presented, candidates: [method] });
    else if (!there.candidates.includes(method)) there.candidates.push(method);
  }
}

/**
 * Lists every place of a request with a token in it. A token in two places is presented twice and parsed once; two
 * tokens that two methods read from one place are both presented.
 */
function presentations(
  { groups, known }: Composition,
  req: AuthRequest,
  taken: TakenHeaders | undefined,
): Awaitable<readonly Presentation[]> {
  const all: Presentation[] = [];
  const looked = inTurn(groups, ({ methods }) =>
    after(findToken(methods[0].sources, req, taken), (found) => {
      if (found !== undefined) for (const method of methods) present(all, method, found, known);
    }),
  );
  return after(looked, () => all);
}

/** Accepts one credential in one place, or in places that the same methods read. */
function acceptOne(
  route: Router,
  presented: PresentedToken,
  { users }: Composition,
  req: AuthRequest,
): Awaitable<Accepted> {
  return after(route(presented), (method) => acceptAloud(method, presented, req, users));
}

/** Accepts several credentials, or one in several places. */
async function acceptSeveral(
  all: readonly Presentation[],
  composition: Composition,
  req: AuthRequest,
): Promise<Accepted | undefined> {
  const { users, methods } = composition;
  const accepted = new Map<Authenticator, Accepted>();
  for (const { presented, candidates } of all) {
    const method = await composition.routerFor(candidates)(presented);
    if (!accepted.has(method)) accepted.set(method, await acceptAloud(method, presented, req, users));
  }
  const first = methods.find((method) => accepted.has(method));
  const decisive = first && accepted.get(first);
  const every = [...accepted.values()];
  const tokens = every.flatMap((one) => one.tokens);
  return decisive && { ...decisive, tokens, strip: every.flatMap(({ strip }) => strip) };
}

/**
 * Accepts a request if every credential in it verifies. The first method in the list that has one names the principal.
 */
function acceptAll(
  composition: Composition,
  req: AuthRequest,
  taken: TakenHeaders | undefined,
): Awaitable<Accepted | undefined> {
  const [group, ...others] = composition.groups;
  if (group !== undefined && others.length === 0) {
    const { methods, route } = group;
    return after(findToken(methods[0].sources, req, taken), (found) =>
      found === undefined
        ? undefined
        : acceptOne(route, new PresentedToken(found, composition.known), composition, req),
    );
  }
  return after(presentations(composition, req, taken), ([first, ...more]): Awaitable<Accepted | undefined> => {
    if (first === undefined) return undefined;
    if (more.length > 0) return acceptSeveral([first, ...more], composition, req);
    return acceptOne(composition.routerFor(first.candidates), first.presented, composition, req);
  });
}

/**
 * Registers at each method which others it is accepted beside, so that two parties never become one principal: one
 * client id at two issuers, or a token that writes into `iss` the name that another method gives to its identities.
 */
export function separateIssuers(methods: readonly Authenticator[]): void {
  const vouching = methods.flatMap(({ vouching: issuers = [] }) => (issuers === 'many' ? 'many' : [...issuers]));
  if (vouching.includes('many') || new Set(vouching).size > 1) for (const method of methods) method.amongIssuers?.();
  for (const { givenName } of methods)
    for (const other of methods)
      if (givenName !== undefined && other.givenName !== givenName) other.reserve?.(givenName);
}

/**
 * Composes methods in order of precedence. A method that recognises a credential decides about it, so its refusal never
 * falls through to another method, and every credential that a request presents must verify.
 * @param users users for methods that have none of their own.
 */
export function composeMethods(
  methods: readonly Authenticator[],
  users: UserDirectory | undefined,
): RequestAuthenticator {
  const known = methods.flatMap((method) => method.known ?? []);
  const groups = groupsOf(methods);
  const composition: Composition = { methods, groups, routerFor: routersAmong(methods), known, users };
  const directories = [users, ...methods.map((method) => method.users)];
  separateIssuers(methods);
  for (const method of methods) {
    if (method.users === undefined) users?.reachedBy(method.vouching);
    for (const other of methods) if (other !== method) method.signsInThrough?.(other.name, other.users ?? users);
  }
  return {
    sources: methods.flatMap(({ sources }) => sources),
    ownHeaders: methods.flatMap(({ ownHeaders = [] }) => ownHeaders),
    accept: (req, taken) => acceptAll(composition, req, taken),
    invalidate(change) {
      const nameOf = (issuer: string) => {
        for (const method of methods) {
          const name = method.nameOf?.(issuer);
          if (name !== undefined) return name;
        }
        return undefined;
      };
      for (const directory of directories) directory?.invalidate(underKnownName(change, nameOf));
      if ('issuer' in change) for (const method of methods) method.forget?.(change.issuer);
    },
    ready: async () => void (await Promise.all(methods.map((method) => method.ready()))),
    health: () => methods.flatMap((method) => method.health()),
    async close() {
      for (const directory of directories) directory?.close();
      await Promise.all(methods.map((method) => method.close()));
    },
  };
}
