import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express } from 'express';
import Provider, { type Configuration } from 'oidc-provider';
import { jwtIdp, localToken, type Principal, type UserStore, wafToken } from 'sallyport';
import { html, page } from './page.js';
import type { Places } from './picture.js';
import { WAF_HEADER } from './waf.js';

/** What the new application is registered as. */
export const CLIENT = { id: 'new-application', secret: randomBytes(32).toString('base64url') };

/** Plain http, on this machine alone: with https leave `secure` out, and with it the cookie's own name. */
const cookie = (name: string) => ({ name, secure: false });

/** Who the provider's accounts are; a real one would ask its database. */
type Accounts = Map<string, Pick<Principal, 'name' | 'email' | 'emailVerified'>>;

/** An OpenID provider with one client, which is ours, so that nobody is asked for consent. */
function makeOpenidProvider({ provider: issuer, newApplication }: Places, accounts: Accounts): Provider {
  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${newApplication}/callback`],
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    findAccount(_ctx, id) {
      const account = accounts.get(id);
      if (account === undefined) return undefined;
      const { name, email, emailVerified } = account;
      return { accountId: id, claims: () => ({ sub: id, name, email, email_verified: emailVerified }) };
    },
    async loadExistingGrant({ oidc: { provider, client, session } }) {
      const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    cookies: { keys: [randomBytes(32)] },
    interactions: { url: () => '/interaction' },
    features: { devInteractions: { enabled: false } },
    ttl: { Session: 600, Interaction: 300, Grant: 600, AccessToken: 300, IdToken: 300 },
  };
  return new Provider(issuer, configuration);
}

/** The provider keeps one sign-in per browser: where two tabs began, the first has completed it for both. */
const failed =
  ({ newApplication }: Places): ErrorRequestHandler =>
  (_error, _req, res, _next) => {
    const text = html`<p>It was completed in another tab, or has taken too long.</p>
<p><a href="${newApplication}/sign-in">Go on to the new application</a></p>`;
    res.status(400).send(page('This sign-in is over', text));
  };

/**
 * Where the new application sends people to sign in. Who they are, the provider does not ask: it sends them to the WAF,
 * which knows, and takes the WAF's word for it. That is what ZITADEL calls a JWT IdP.
 */
export function makeProvider(places: Places, store: UserStore): Express {
  const { waf, provider: issuer } = places;
  const accounts: Accounts = new Map();
  const openid = makeOpenidProvider(places, accounts);
  // From the JWT endpoint to the provider's interaction, and no longer: the provider keeps a session of its own.
  const session = localToken({
    keys: [{ kid: '1', algorithm: 'HS256', secret: randomBytes(32).toString('base64url') }],
    issuer,
    ttl: 30,
    cookie: cookie('signed-in'),
    credentialsRequired: false,
  });
  const app = express();
  app.use(
    '/sign-in',
    jwtIdp({
      jwtEndpoint: `${waf}/jwt`,
      method: wafToken({
        header: WAF_HEADER,
        issuer: waf,
        audience: 'jwt-idp',
        jwksUri: `${waf}/waf/keys`,
        trustedPeers: ['127.0.0.1'],
        // Staff are registered by their first visit; a guest has to be registered by somebody.
        users: { store, autoRegister: ({ groups }) => groups?.includes('staff') ?? false },
      }),
      session,
      secret: randomBytes(32),
      // The browser sees the JWT endpoint at the WAF, and comes back to us.
      callbackUrl: `${issuer}/sign-in/jwt/callback`,
      allowedReturnUrls: ['/interaction'],
      cookie: cookie('sign-in'),
    }),
  );
  app.get('/interaction', session, async (req, res) => {
    const { principal } = req;
    if (principal === undefined) return res.redirect('/sign-in/login');
    accounts.set(principal.id, principal);
    if (session.cookie !== undefined) res.append('Set-Cookie', session.cookie.clear());
    await openid.interactionFinished(req, res, { login: { accountId: principal.id } });
  });
  app.use(openid.callback());
  app.use(failed(places));
  return app;
}
