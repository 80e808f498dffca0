import express, { type Express } from 'express';
import { wafToken } from 'sallyport';
import { html, page } from './page.js';
import type { Places } from './picture.js';
import { WAF_HEADER } from './waf.js';

/** The application that has always been behind the WAF. It takes over the WAF's session with one middleware. */
export function makeOldApplication({ waf, newApplication }: Places): Express {
  const app = express();
  app.use(
    wafToken({
      header: WAF_HEADER,
      issuer: waf,
      audience: 'old-application',
      jwksUri: `${waf}/waf/keys`,
      trustedPeers: ['127.0.0.1'],
      // Only because this page has something to say to strangers too.
      credentialsRequired: false,
    }),
  );
  app.get('/', ({ principal }, res) => {
    const body =
      principal === undefined
        ? html`<form method="post" action="/waf/login">
<button name="person" value="ann">Sign in as Ann, who is staff</button>
<button name="person" value="gus">Sign in as Gus, who is a guest</button>
</form>`
        : html`<p>You are ${principal.name}, says the WAF.</p>
<p><a href="${newApplication}/sign-in">Go to the new application</a></p>
<form method="post" action="/waf/logout"><button>Sign out</button></form>`;
    res.send(page('Old application', body));
  });
  return app;
}
