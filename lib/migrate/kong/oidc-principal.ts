import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { type Authenticated, withPrincipal } from '../../principal/authenticated.js';
import type { Principal } from '../../principal/principal.js';
import { union } from '../../principal/union.js';
import { removeHeader, replaceHeader } from '../../tokens/headers.js';
import { CONSUMER_HEADERS, headerValue, setConsumerHeaders } from './consumer-headers.js';
import { assertAuthorized, claimAt, consumerOf, wordsOf } from './oidc-authorization.js';
import type { ClaimHeader } from './oidc-headers.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

const GROUPS_HEADER = 'x-authenticated-groups';

function groupsIn({ claims }: Principal, { groupsClaim }: OidcPluginConfig): readonly string[] | undefined {
  return groupsClaim && wordsOf(claimAt(claims, groupsClaim));
}

/** The verified token's principal, after Kong's authorization, as the consumer that it maps to. @throws ForbiddenError */
export async function authorize(
  authenticated: Authenticated,
  config: OidcPluginConfig,
  consumers: ManagedConsumerStore,
): Promise<Authenticated> {
  const { principal } = authenticated;
  assertAuthorized(principal.claims, config);
  const consumer = await consumerOf(principal.claims, config.consumer, consumers);
  const groups = union(consumer?.groups, groupsIn(principal, config) ?? principal.groups);
  if (consumer === undefined) return withPrincipal(authenticated, { groups });
  const { id, username, roles } = consumer;
  const name = username === undefined ? {} : { username };
  return withPrincipal(authenticated, { ...name, type: 'consumer', id, groups, roles, consumer });
}

/** The headers that only the plugin writes; what a client sends under these names never stays. */
export function headersOf(config: OidcPluginConfig): readonly string[] {
  const { claimHeaders, accessTokenHeader, unwrittenHeaders } = config;
  const claims = claimHeaders.map(({ header }) => header);
  const own = [...CONSUMER_HEADERS, GROUPS_HEADER, ...claims, ...unwrittenHeaders];
  const isOwn = accessTokenHeader !== undefined && accessTokenHeader.header !== 'authorization';
  // `Authorization` is also where credentials come from.
  return isOwn ? [...own, accessTokenHeader.header] : own;
}

/** Lists and objects travel as base64 of their JSON, as in Kong. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return Buffer.from(JSON.stringify(value)).toString('base64');
  return String(value);
}

/** Writes the claims into their headers; one that is not there leaves none, whatever the client sent. */
function setClaimHeaders(req: IncomingMessage, claims: JWTPayload, headers: readonly ClaimHeader[]): void {
  for (const { header, path } of headers) {
    const text = textOf(claimAt(claims, path));
    if (text === undefined) removeHeader(req, header);
    else replaceHeader(req, header, headerValue(text));
  }
}

/** Tells the application in headers who calls, and by which token, as Kong does. */
export function announceAsKong(
  req: IncomingMessage,
  { principal, token }: Authenticated,
  config: OidcPluginConfig,
): void {
  setConsumerHeaders(req, principal, principal.consumer && principal.credential.id);
  const groups = groupsIn(principal, config) ?? [];
  if (groups.length > 0) replaceHeader(req, GROUPS_HEADER, headerValue(groups.join(', ')));
  else removeHeader(req, GROUPS_HEADER);
  setClaimHeaders(req, principal.claims, config.claimHeaders);
  const { header, prefix } = config.accessTokenHeader ?? {};
  if (header !== undefined && token !== undefined) replaceHeader(req, header, `${prefix}${token}`);
}
