import { ConfigurationError } from '../errors/configuration-error.js';
import { idOf } from './sound-user.js';
import type { Invalidation } from './user-store.js';

const SHAPES = 'expects { user }, { identity: { issuer, subject } } or { issuer }';

const isText = (value: unknown) => typeof value === 'string' && value !== '';

function isIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { issuer, subject, tenant = '', ...others }: Record<string, unknown> = { ...value };
  // A whole verified identity is accepted as well, recognised by its `key`.
  const isKey = isText(issuer) && isText(subject) && typeof tenant === 'string';
  return isKey && (Object.keys(others).length === 0 || isText(others.key));
}

const SOUND: Readonly<Record<string, (value: unknown) => boolean>> = {
  user: (value) => idOf({ id: value }) !== undefined,
  identity: isIdentity,
  issuer: isText,
};

/** Returns the change with the name of the issuer's identities, where it has another name of the issuer. */
export function underKnownName(change: Invalidation, nameOf: (issuer: string) => string | undefined): Invalidation {
  if ('issuer' in change) return { issuer: nameOf(change.issuer) ?? change.issuer };
  if (!('identity' in change)) return change;
  const { identity } = change;
  return { identity: { ...identity, issuer: nameOf(identity.issuer) ?? identity.issuer } };
}

/**
 * Checks the argument of `invalidate`.
 * @throws {ConfigurationError} when it has none of the known shapes.
 */
export function assertInvalidation(option: string, change: unknown): asserts change is Invalidation {
  const [[name, value] = [], ...others] = typeof change === 'object' && change !== null ? Object.entries(change) : [];
  const isSound = name !== undefined && Object.hasOwn(SOUND, name) ? SOUND[name] : undefined;
  if (others.length > 0 || isSound?.(value) !== true) throw new ConfigurationError(`${option}.invalidate`, SHAPES);
}
