import type { JWTPayload } from 'jose';
import type { Consumer } from '../../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../../consumers/consumer-store.js';
import { ForbiddenError, InsufficientScopeError, InvalidTokenError } from '../../../errors/auth-error.js';
import type { ConsumerMapping, OidcClaimRules, RequiredClaim } from './oidc-claim-rules.js';

/** Rules for claims, with the seconds by which clocks may differ. */
type Rules = OidcClaimRules & { readonly leeway: number };

/** Takes one step of a path. Kong counts the items of a list from 1. */
function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^[1-9]\d{0,5}$/.test(name) ? value[Number(name) - 1] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Returns what stands at a path of claims. */
export function claimAt(claims: JWTPayload, path: readonly string[]): unknown {
  return path.reduce<unknown>(step, claims);
}

/** Splits a claim into words: a text at its spaces, a list into those of its items that are texts. */
export function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Whether a token fulfils one of the alternatives with all words of it. */
function holds(claims: JWTPayload, { path, alternatives }: RequiredClaim): boolean {
  const words = wordsOf(claimAt(claims, path));
  return alternatives.some((all) => all.every((word) => words.includes(word)));
}

/** Seconds since the epoch. */
const nowInSeconds = () => Date.now() / 1000;

/**
 * Compares `hd` and `auth_time` with what the plugin accepts.
 * @throws {InvalidTokenError} `claim_missing`, `claim_invalid` or `token_expired`.
 */
function assertStandardClaims(claims: JWTPayload, { domains, maxAge, leeway }: Rules): void {
  const { hd, auth_time: authTime } = claims;
  if (domains !== undefined && !domains.some((domain) => domain === hd))
    throw new InvalidTokenError(hd === undefined ? 'claim_missing' : 'claim_invalid');
  if (maxAge === undefined) return;
  if (typeof authTime !== 'number')
    throw new InvalidTokenError(authTime === undefined ? 'claim_missing' : 'claim_invalid');
  if (!(nowInSeconds() - authTime <= maxAge + leeway)) throw new InvalidTokenError('token_expired');
}

/**
 * A claim that names none of the consumer groups is refused, as in Kong.
 * @throws {ForbiddenError} `insufficient_claim`.
 */
function assertConsumerGroup(claims: JWTPayload, { consumerGroups }: Rules): void {
  if (consumerGroups === undefined) return;
  const { path, names } = consumerGroups;
  const value = claimAt(claims, path);
  const given = typeof value === 'string' ? [value, ...wordsOf(value)] : wordsOf(value);
  if (!given.some((name) => names.has(name))) throw new ForbiddenError('insufficient_claim');
}

/**
 * Checks what a plugin asks of the claims of a verified token: its domain and age, all pairs of required claims, no
 * forbidden claim, and one of the consumer groups.
 * @throws {InvalidTokenError} when the domain or the age is wrong.
 * @throws {ForbiddenError} when a claim or a group is missing or forbidden.
 */
export function assertAuthorized(claims: JWTPayload, config: Rules): void {
  const { required, claimsForbidden } = config;
  assertStandardClaims(claims, config);
  assertConsumerGroup(claims, config);
  if (claimsForbidden.some((name) => Object.hasOwn(claims, name))) throw new ForbiddenError('insufficient_claim');
  const lacking = required.find((pair) => !holds(claims, pair));
  if (lacking?.name === 'scopes') throw new InsufficientScopeError([...new Set(lacking.alternatives.flat())]);
  if (lacking !== undefined) throw new ForbiddenError('insufficient_claim');
}

/** Lists all consumers of a store, page by page. */
async function everyConsumer(store: ManagedConsumerStore): Promise<Consumer[]> {
  const all: Consumer[] = [];
  let after: string | undefined;
  do {
    const page = await store.listConsumers(after === undefined ? { size: 1000 } : { size: 1000, after });
    all.push(...page.data);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/**
 * Finds the consumer that a claim of the token names, in the order of `consumer_by`.
 * @throws {ForbiddenError} `insufficient_claim` if there is none and consumers are not optional.
 */
export async function consumerOf(
  claims: JWTPayload,
  mapping: ConsumerMapping,
  store: ManagedConsumerStore,
): Promise<Consumer | undefined> {
  if (mapping.claims.length === 0) return undefined;
  const wanted = mapping.claims
    .map((path) => claimAt(claims, path))
    .find((value) => value !== undefined && value !== null);
  const fold = (text: string | undefined) => (mapping.ignoreCase ? text?.toLowerCase() : text);
  const name = typeof wanted === 'string' || typeof wanted === 'number' ? String(wanted) : undefined;
  const consumers = name === undefined ? [] : await everyConsumer(store);
  const matches = {
    username: ({ username }: Consumer) => fold(username) === fold(name),
    custom_id: ({ customId }: Consumer) => customId === name,
    id: ({ id }: Consumer) => id === name,
  };
  for (const by of mapping.by) {
    const found = name === undefined ? undefined : consumers.find(matches[by]);
    if (found !== undefined) return found;
  }
  if (mapping.optional) return undefined;
  throw new ForbiddenError('insufficient_claim');
}
