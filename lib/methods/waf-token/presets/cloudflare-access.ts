import { hostOf, type PresetFacts, requiredList } from './preset.js';

/** Own options of the preset {@link cloudflareAccess}. */
export interface CloudflareAccessOptions {
  /** Team name, or its host: `example` or `example.cloudflareaccess.com`. */
  team: string;
  /** AUD tag of the application, or several. */
  audience: string | readonly string[];
}

/**
 * Facts about Cloudflare Access: application tokens only (`type: app`; `org` is the session of the whole team). Service
 * tokens have an empty subject and are named by `common_name`.
 */
export function cloudflareAccess({ team, audience }: CloudflareAccessOptions): PresetFacts {
  const host = hostOf('cloudflareAccess.team', team);
  const issuer = `https://${host.includes('.') ? host : `${host}.cloudflareaccess.com`}`;
  return {
    header: 'cf-access-jwt-assertion',
    siblings: ['cf-access-authenticated-user-email', 'cf-access-client-id', 'cf-access-client-secret'],
    issuer,
    audience: requiredList('cloudflareAccess.audience', audience),
    algorithms: ['RS256'],
    jwksUri: `${issuer}/cdn-cgi/access/certs`,
    claimValues: { type: 'app' },
    clientClaim: 'common_name',
  };
}
