import type { ClaimMapping } from '../../principal/claim-mapping.js';
import type { ClaimPath } from '../../principal/claim-path.js';
import type { ConsulConfig, Mapping } from './consul-config.js';

/**
 * Consul's claim selectors: a literal name of a claim, or a JSON Pointer when it starts with `/`. As segments, so that
 * a `~` which is no escape stands for itself, as it does there.
 */
function pathOf(selector: string): ClaimPath {
  if (!selector.startsWith('/')) return [selector];
  const segments = selector.slice(1).split('/');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathsOf(mapping: Mapping): Record<string, ClaimPath> {
  return Object.fromEntries(Object.entries(mapping).map(([attribute, selector]) => [attribute, pathOf(selector)]));
}

/** Consul does not look at these, so a strange one is not there, rather than a reason to refuse the token. */
function textClaim(name: string): ClaimPath {
  return ({ [name]: value }) => (typeof value === 'string' ? value : undefined);
}

/**
 * What an auth method reads out of a token: its mappings, and who the token speaks of. Groups are the list that the
 * mappings call `groups`. The token's own roles and scopes count for nothing: those are for the binding rules to give.
 */
export function claimMappingOf({ attributes, lists }: ConsulConfig): ClaimMapping {
  const listPaths = pathsOf(lists);
  const { groups } = Object.hasOwn(listPaths, 'groups') ? listPaths : {};
  return {
    subject: textClaim('sub'),
    username: textClaim('preferred_username'),
    // A token without a subject is a program's, whatever address stands in it.
    email: ({ sub, email }) => (typeof email === 'string' && sub !== undefined && sub !== '' ? email : undefined),
    emailVerified: 'email_verified',
    name: textClaim('name'),
    ...(groups === undefined ? {} : { groups }),
    attributes: pathsOf(attributes),
    lists: listPaths,
  };
}
