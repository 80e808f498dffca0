import { beforeAll, describe, expect, test } from '@jest/globals';
import { type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { present, verdict } from '../helpers/oidc-door.js';
import { signIn } from '../helpers/provider-client.js';
import { API, APPLICATION, realProvider } from '../helpers/real-provider.js';

const provider = await realProvider();
const api = (options: Partial<OidcBearerOptions> = {}) =>
  oidcBearer({ issuer: provider.origin, audience: API, exposeReason: true, ...options } as OidcBearerOptions);

describe('when alice signs in to an application', () => {
  let tokens: Awaited<ReturnType<typeof signIn>>;
  beforeAll(async () => {
    tokens = await signIn(provider);
  });

  test('its access token for our API speaks for her', async () => {
    const { status, principal } = await present(api({ tokenProfile: 'at+jwt' }), tokens.accessToken);
    expect(status).toBe(200);
    expect(principal).toMatchObject({
      type: 'user',
      id: `${provider.origin}|alice`,
      subject: 'alice',
      scopes: ['things:read'],
      claims: { client_id: APPLICATION.id },
    });
  });

  test('its ID token is for the application and not for us', async () => {
    expect(await verdict(api(), tokens.idToken)).toBe('audience_mismatch');
  });

  test.each<[what: string, options: Partial<OidcBearerOptions>]>([
    ['the application’s id is among our audiences', { audience: [API, APPLICATION.id] }],
    ['no audience is checked', { audience: null }],
    ['only access tokens of RFC 9068 are taken', { audience: null, tokenProfile: 'at+jwt' }],
  ])('its ID token is refused even where %s', async (_what, options) => {
    expect(await verdict(api(options), tokens.idToken)).toBe('claim_invalid');
  });

  test('its access token is not taken for another API', async () => {
    expect(await verdict(api({ audience: 'urn:example:another' }), tokens.accessToken)).toBe('audience_mismatch');
  });
});
