import type { ClaimPath } from '../../principal/claim-path.js';
import type { ClaimMapping } from '../../principal/mapped-claims.js';
import type { ConsulConfig, Mapping } from './consul-config.js';

/**
 * Turns a claim selector of Consul into a path: a literal name of a claim, or a JSON Pointer when it starts with `/`.
 * The pointer becomes segments, so that a `~` which is no escape stands for itself, as it does there.
 */
function pathOf(selector: string): ClaimPath {
  if (!selector.startsWith('/')) return [selector];
  const segments = selector.slice(1).split('/');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathsOf(mapping: Mapping): Record<string, ClaimPath> {
  return Object.fromEntries(Object.entries(mapping).map(([attribute, selector]) => [attribute, pathOf(selector)]));
}

/** Reads a claim that Consul does not look at: anything but a text counts as absent, rather than refuse the token. */
function textClaim(name: string): ClaimPath {
  return ({ [name]: value }) => (typeof value === 'string' ? value : undefined);
}

/**
 * Makes the claim mapping of an auth method: its own mappings, and the claims that say whom a token identifies. Groups
 * are the list that the mappings call `groups`. The token's own roles and scopes are left out, because binding rules
 * give them.
 */
export function claimMappingOf({ attributes, lists }: ConsulConfig): ClaimMapping {
  const listPaths = pathsOf(lists);
  const { groups } = Object.hasOwn(listPaths, 'groups') ? listPaths : {};
  return {
    subject: textClaim('sub'),
    username: textClaim('preferred_username'),
    // Without a subject the token is a program's, and its e-mail identifies nobody.
    email: ({ sub, email }) => (typeof email === 'string' && sub !== undefined && sub !== '' ? email : undefined),
    emailVerified: ({ email_verified: verified }) => (verified === undefined ? undefined : verified === true),
    name: textClaim('name'),
    ...(groups === undefined ? {} : { groups }),
    attributes: pathsOf(attributes),
    lists: listPaths,
  };
}
