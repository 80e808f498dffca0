import type { UserStore } from 'sallyport';
import { listen } from './listen.js';
import { makeNewApplication } from './new-application.js';
import { makeOldApplication } from './old-application.js';
import { makeProvider } from './provider.js';
import { makeWaf } from './waf.js';

/** Where the parts of the picture are. */
export interface Places {
  readonly waf: string;
  readonly oldApplication: string;
  readonly provider: string;
  readonly newApplication: string;
}

/**
 * ZITADEL's picture of a JWT IdP, on one machine: people are signed in at an old application behind a WAF, and a new
 * application signs them in without asking them anything.
 *
 * 1. The new application sends the browser to its OpenID provider.
 * 2. The provider sends it to the JWT endpoint at the WAF.
 * 3. The WAF knows the browser's session, and passes it on with a signed token in a header.
 * 4. The provider finds or registers the user that the token speaks of, and sends the browser back to itself.
 * 5. The new application gets its code, and its tokens for it.
 *
 * @param port the first of four; 0 takes any that are free.
 */
export async function startPicture(port: number, store: UserStore): Promise<Places> {
  const at = (offset: number) => listen(port === 0 ? 0 : port + offset);
  const [waf, newApplication, provider, oldApplication] = await Promise.all([at(0), at(1), at(2), at(3)]);
  const places: Places = {
    waf: waf.url,
    newApplication: newApplication.url,
    provider: provider.url,
    oldApplication: oldApplication.url,
  };
  waf.answer(await makeWaf(places));
  oldApplication.answer(makeOldApplication(places));
  provider.answer(makeProvider(places, store));
  // Last, because it asks the provider what it can do.
  newApplication.answer(await makeNewApplication(places));
  return places;
}
