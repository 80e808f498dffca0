import type { JWTPayload } from 'jose';
import type { Consumer } from '../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { ForbiddenError, InsufficientScopeError } from '../../errors/auth-error.js';
import type { ConsumerMapping, OidcPluginConfig, RequiredClaim } from './oidc-plugin-config.js';

/** Kong counts the items of a list from 1. */
function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^[1-9]\d{0,5}$/.test(name) ? value[Number(name) - 1] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

export function claimAt(claims: JWTPayload, path: readonly string[]): unknown {
  return path.reduce<unknown>(step, claims);
}

/** A text is words, a list is its items. */
export function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function holds(claims: JWTPayload, { path, alternatives }: RequiredClaim): boolean {
  const words = wordsOf(claimAt(claims, path));
  return alternatives.some((all) => all.every((word) => words.includes(word)));
}

/** All pairs must hold, and no forbidden claim may be there. @throws ForbiddenError */
export function assertAuthorized(claims: JWTPayload, { required, claimsForbidden }: OidcPluginConfig): void {
  if (claimsForbidden.some((name) => Object.hasOwn(claims, name))) throw new ForbiddenError('insufficient_claim');
  const lacking = required.find((pair) => !holds(claims, pair));
  if (lacking?.name === 'scopes') throw new InsufficientScopeError([...new Set(lacking.alternatives.flat())]);
  if (lacking !== undefined) throw new ForbiddenError('insufficient_claim');
}

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

/** The consumer that a token's claim names, in the order of `consumer_by`. @throws ForbiddenError if there must be one. */
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
