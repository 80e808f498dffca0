import { describe, expect, test } from '@jest/globals';
import {
  active,
  asking,
  INACTIVE,
  introspectionEndpoint,
  opaqueToken,
  type Wishes,
} from '../../helpers/introspection-endpoint.js';
import { AUDIENCE, ISSUER, present, verdict } from '../../helpers/oidc-door.js';
import { inSeconds } from '../../helpers/tokens.js';

const endpoint = await introspectionEndpoint();

/** `200`, or the code with which a token is refused of which the provider says this. */
async function verdictOn(members: Record<string, unknown>, options: Wishes = {}): Promise<200 | string> {
  endpoint.answers(active(members));
  return verdict(asking(endpoint, options), opaqueToken());
}

describe('an opaque token', () => {
  test('that the provider calls active becomes a principal as a JWT does', async () => {
    endpoint.answers(
      active({
        username: 'alice@corp',
        client_id: 'web',
        email: 'alice@example.com',
        email_verified: true,
        groups: ['ops'],
        scope: 'things:read things:write',
        jti: 'a-jti',
        exp: 4_000_000_000,
      }),
    );
    const { status, principal } = await present(asking(endpoint), opaqueToken());
    expect(status).toBe(200);
    expect(principal).toMatchObject({
      type: 'user',
      id: `${ISSUER}|alice`,
      method: 'oidcBearer',
      issuer: ISSUER,
      subject: 'alice',
      username: 'alice@corp',
      email: 'alice@example.com',
      emailVerified: true,
      groups: ['ops'],
      scopes: ['things:read', 'things:write'],
      credential: { kind: 'opaque', id: 'a-jti', expiresAt: new Date(4_000_000_000_000).toISOString() },
    });
    expect(principal.claims).toMatchObject({ aud: AUDIENCE, client_id: 'web' });
    expect(principal.claims).not.toHaveProperty('active');
  });

  test('is asked about as RFC 7662 says, by a client that proves who it is', async () => {
    endpoint.answers(active());
    const token = opaqueToken();
    expect(await verdict(asking(endpoint), token)).toBe(200);
    const question = endpoint.asked.at(-1);
    expect(Object.fromEntries(question?.form ?? [])).toEqual({ token, token_type_hint: 'access_token' });
    expect(question?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('our-api:a+secret+of+our+API').toString('base64')}`,
      accept: 'application/json',
      'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
    });
  });

  test('of a program becomes a client', async () => {
    endpoint.answers(active({ sub: undefined, client_id: 'reports' }));
    const { principal } = await present(asking(endpoint), opaqueToken());
    expect(principal).toMatchObject({ type: 'client', id: 'reports' });
  });

  test('that the provider calls inactive is revoked, whatever else it says', async () => {
    for (const said of [INACTIVE, { body: { ...Object(active().body), active: false } }]) {
      endpoint.answers(said);
      expect(await verdict(asking(endpoint), opaqueToken())).toBe('token_revoked');
    }
  });

  test('is refused to the client as every bad token is', async () => {
    endpoint.answers(INACTIVE);
    const answer = await present(asking(endpoint, { exposeReason: false }), opaqueToken());
    expect(answer).toMatchObject({ status: 401, code: 'invalid_token' });
  });
});

describe('what the provider says is held to the rules of a JWT’s claims', () => {
  type Row = [what: string, members: Record<string, unknown>, verdict: 200 | string, options?: Wishes];
  const rows: Row[] = [
    ['another issuer', { iss: 'https://other.example.com' }, 'issuer_unknown'],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }, 'issuer_unknown'],
    ['an issuer that is no text', { iss: [ISSUER] }, 'claim_invalid'],
    ['null for an issuer', { iss: null }, 200],
    ['null for other members', { cnf: null, events: null, nbf: null, token_type: null }, 200],
    ['no issuer', { iss: undefined }, 200],
    ['another audience', { aud: 'https://other.example.com' }, 'audience_mismatch'],
    ['no audience', { aud: undefined }, 'audience_mismatch'],
    ['several audiences, ours among them', { aud: ['a', AUDIENCE] }, 200],
    ['no audience where none is asked for', { aud: undefined }, 200, { audience: null }],
    ['a token that has ended', { exp: inSeconds(-61) }, 'token_expired'],
    ['a token that has ended within the tolerance', { exp: inSeconds(-30) }, 200],
    ['the same without tolerance', { exp: inSeconds(-1) }, 'token_expired', { clockTolerance: 0 }],
    ['a token that has not begun', { nbf: inSeconds(90) }, 'token_not_yet_valid'],
    ['a token of the future', { iat: inSeconds(90) }, 'token_not_yet_valid'],
    ['times as texts', { exp: String(inSeconds(300)) }, 'claim_invalid'],
    ['no end', { exp: undefined }, 200],
    ['no end where one is required', { exp: undefined }, 'claim_missing', { requiredClaims: ['exp'] }],
    ['no end where lifetimes are limited', { exp: undefined }, 'claim_missing', { maxLifetime: 600 }],
    ['a lifetime beyond the limit', { exp: inSeconds(900) }, 'token_lifetime_exceeded', { maxLifetime: 600 }],
    ['no scope where one is required', {}, 'claim_missing', { requiredClaims: ['scope'] }],
    ['no type', { token_type: undefined }, 200],
    ['a type in capitals', { token_type: 'BEARER' }, 200],
    ['a token bound to a key', { cnf: { jkt: 'a thumbprint' } }, 'claim_invalid'],
    ['the type DPoP', { token_type: 'DPoP' }, 'claim_invalid'],
    ['a type that is no text', { token_type: ['Bearer'] }, 'claim_invalid'],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, 'claim_invalid'],
    ['an ID token of Keycloak', { typ: 'ID' }, 'claim_invalid'],
    ['a refresh token of Ory', { token_use: 'refresh_token' }, 'claim_invalid'],
    ['an access token of Ory', { token_use: 'access_token' }, 200],
    ['an ID token', { nonce: 'n', at_hash: 'h' }, 'claim_invalid'],
    ['nobody', { sub: undefined, email: 'a@example.com' }, 'claim_missing'],
    ['a subject that is no text', { sub: 42 }, 'claim_invalid'],
    ['RFC 9068 asked of JWTs', {}, 200, { tokenProfile: 'at+jwt' }],
  ];
  test.each(rows.map(([what, members, expected, options = {}]) => [what, members, expected, options] as const))(
    '%s',
    async (_what, members, expected, options) => {
      expect(await verdictOn(members, options)).toBe(expected);
    },
  );
});

describe('the options of a method hold for opaque tokens too', () => {
  test('claims, with numbers exactly as the provider wrote them', async () => {
    const { active: _active, ...members } = active().body as Record<string, unknown>;
    const text = JSON.stringify({ active: true, ...members, org: { id: 0 } }).replace(
      '"id":0',
      '"id":12345678901234567890',
    );
    endpoint.answers({ body: text });
    const claims = { username: 'sub', attributes: { org: '/org/id' } };
    const { principal } = await present(asking(endpoint, { claims }), opaqueToken());
    expect(principal).toMatchObject({ username: 'alice', attributes: { org: '12345678901234567890' } });
  });

  test('role bindings, which see the names of introspection', async () => {
    endpoint.answers(active({ username: 'alice@corp' }));
    const roleBindings = [{ when: 'value.username == "alice@corp"', role: 'known' }];
    const claims = { attributes: { username: 'username' } };
    expect((await present(asking(endpoint, { claims, roleBindings }), opaqueToken())).principal.roles).toEqual([
      'known',
    ]);
  });

  test('validators, every time, with a header that promises nothing', async () => {
    endpoint.answers(active());
    const seen: unknown[] = [];
    const token = opaqueToken();
    let isWelcome = true;
    const method = asking(endpoint, {
      validators: (claims, { header }) => {
        seen.push(claims.sub, header);
        return isWelcome;
      },
    });
    expect(await verdict(method, token)).toBe(200);
    isWelcome = false;
    expect(await verdict(method, token)).toBe('claim_invalid');
    expect(seen).toEqual(['alice', { alg: 'none' }, 'alice', { alg: 'none' }]);
  });

  test('isRevoked, every time, with the token and its issuer, also where the provider does not say that', async () => {
    endpoint.answers(active({ iss: undefined }));
    const token = opaqueToken();
    const seen: unknown[] = [];
    const method = asking(endpoint, {
      isRevoked: (claims, context) => seen.push(claims.iss, context.token) > 2,
    });
    expect(await verdict(method, token)).toBe(200);
    expect(await verdict(method, token)).toBe('token_revoked');
    expect(seen).toEqual([ISSUER, token, ISSUER, token]);
  });

  test('users, who are known by the issuer and the subject', async () => {
    endpoint.answers(active({ email: 'alice@example.com' }));
    const users = async (identity: { issuer: string; subject: string }) => ({ id: 'u1', identity });
    const { principal } = await present(asking(endpoint, { users }), opaqueToken());
    expect(principal).toMatchObject({ id: 'u1', user: { identity: { issuer: ISSUER, subject: 'alice' } } });
  });

  test('tokenFrom', async () => {
    endpoint.answers(active());
    const method = asking(endpoint, { tokenFrom: () => 'an-opaque-token-of-a-getter' });
    expect(await verdict(method, 'ignored')).toBe(200);
    expect(endpoint.asked.at(-1)?.token).toBe('an-opaque-token-of-a-getter');
  });
});
