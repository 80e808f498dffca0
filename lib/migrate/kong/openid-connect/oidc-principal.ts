import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import type { ManagedConsumerStore } from '../../../consumers/consumer-store.js';
import { InvalidTokenError } from '../../../errors/auth-error.js';
import { type Authenticated, withPrincipal } from '../../../principal/authenticated.js';
import { type Principal, union } from '../../../principal/principal.js';
import { removeHeader, replaceHeader } from '../../../tokens/headers.js';
import type { AuthRequest } from '../../../tokens/request.js';
import { assertAcl, type KongAcl } from '../acl-plugin.js';
import { CONSUMER_HEADERS, headerValue, setConsumerHeaders } from '../consumers/consumer-headers.js';
import { assertAuthorized, claimAt, consumerOf, wordsOf } from './oidc-authorization.js';
import type { SessionCookie } from './oidc-claim-rules.js';
import type { ClaimHeader } from './oidc-headers.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

const GROUPS_HEADER = 'x-authenticated-groups';

function groupsIn({ claims }: Principal, { groupsClaim }: OidcPluginConfig): readonly string[] | undefined {
  return groupsClaim && wordsOf(claimAt(claims, groupsClaim));
}

/** Rules and stores by which a verified token is authorized. */
interface Authorization {
  readonly config: OidcPluginConfig;
  readonly consumers: ManagedConsumerStore;
  readonly acl: KongAcl | undefined;
}

/** Whether the token's groups are there to be looked at; a claim that is missing is not an empty one. */
function tokenGroups({ claims }: Principal, { groupsClaim }: OidcPluginConfig): readonly string[] | undefined {
  const value = groupsClaim && claimAt(claims, groupsClaim);
  return value === undefined || value === null ? undefined : wordsOf(value);
}

/**
 * Compares the cookie that has to come with a bearer token with its claim, so that a stolen token alone is of no use.
 * Tokens that were got for a pair come without one.
 * @throws {InvalidTokenError} `claim_missing`, or `claim_invalid` where the two differ.
 */
export async function assertSessionCookie(
  req: AuthRequest,
  { claims, credential }: Principal,
  rule: SessionCookie | undefined,
): Promise<void> {
  if (rule === undefined || credential.kind !== 'jwt') return;
  const value = claims[rule.claim];
  if (value === undefined || value === null) throw new InvalidTokenError('claim_missing');
  const [cookie, ...others] = await rule.cookie.read(req, undefined);
  if (cookie !== value || others.length > 0) throw new InvalidTokenError('claim_invalid');
}

/**
 * Authorizes a verified token as Kong does, and turns its principal into the consumer that it maps to.
 * @throws {InvalidTokenError} when the token is refused.
 * @throws {ForbiddenError} when the claims lack a right, or no consumer fits.
 */
export async function authorize(
  authenticated: Authenticated,
  { config, consumers, acl }: Authorization,
): Promise<Authenticated> {
  const { principal } = authenticated;
  assertAuthorized(principal.claims, config);
  const consumer = await consumerOf(principal.claims, config.consumer, consumers);
  assertAcl(acl, consumer, tokenGroups(principal, config));
  const groups = union(consumer?.groups, groupsIn(principal, config) ?? principal.groups);
  if (consumer === undefined) return withPrincipal(authenticated, { groups });
  const { id, username, roles } = consumer;
  const name = username === undefined ? {} : { username };
  return withPrincipal(authenticated, { ...name, type: 'consumer', id, groups, roles, consumer });
}

/** Lists the headers that only the plugin writes, so that nothing a client sends under these names stays. */
export function headersOf(config: OidcPluginConfig): readonly string[] {
  const { claimHeaders, accessTokenHeader, unwrittenHeaders } = config;
  const claims = claimHeaders.map(({ header }) => header);
  const own = [...CONSUMER_HEADERS, GROUPS_HEADER, ...claims, ...unwrittenHeaders];
  const isOwn = accessTokenHeader !== undefined && accessTokenHeader.header !== 'authorization';
  // `Authorization` is also where credentials come from.
  return isOwn ? [...own, accessTokenHeader.header] : own;
}

/** Makes the text of a header. Lists and objects become base64 of their JSON, as in Kong. */
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
  { config, acl }: Pick<Authorization, 'config' | 'acl'>,
): void {
  const showsGroups = acl !== undefined && !acl.hidesHeader;
  setConsumerHeaders(req, principal, { credentialKey: principal.consumer && principal.credential.id, showsGroups });
  const groups = groupsIn(principal, config) ?? [];
  if (groups.length > 0) replaceHeader(req, GROUPS_HEADER, headerValue(groups.join(', ')));
  else removeHeader(req, GROUPS_HEADER);
  setClaimHeaders(req, principal.claims, config.claimHeaders);
  const { header, prefix } = config.accessTokenHeader ?? {};
  if (header !== undefined && token !== undefined) replaceHeader(req, header, `${prefix}${token}`);
}
