import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, consumerJwt, fromHeader, jwtAuth, oidcBearer } from '../../../lib/index.js';
import { howtoConsumers } from '../../helpers/front-door.js';
import {
  AUDIENCE,
  accessToken,
  door,
  ISSUER,
  jwkOf,
  PROVIDER_PEM,
  present,
  STRANGER_KEY,
  STRANGER_PEM,
  verdict,
} from '../../helpers/oidc-door.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../../helpers/tokens.js';

const OTHER = 'https://other.example.com';
const staff = door({ name: 'staff' });
const partners = door({ name: 'partners', issuer: OTHER, publicKeys: STRANGER_PEM });
const clients = consumerJwt({ name: 'clients', consumers: howtoConsumers() });

const together = (...methods: AuthMethod[]) => jwtAuth({ methods, exposeReason: true });

/** Which method let a token in, or the code of the refusal. */
async function letInBy(method: AuthMethod, token: string): Promise<string> {
  const { status, code, principal } = await present(method, token);
  return status === 200 ? principal.method : String(code);
}

describe('two issuers in one place', () => {
  const both = together(staff, partners);

  test('have their own tokens', async () => {
    expect(await letInBy(both, accessToken())).toBe('staff');
    expect(await letInBy(both, accessToken({ iss: OTHER }, { key: STRANGER_KEY }))).toBe('partners');
  });

  test('never vouch for each other', async () => {
    expect(await letInBy(both, accessToken({ iss: OTHER }))).toBe('signature_invalid');
    expect(await letInBy(both, accessToken({}, { key: STRANGER_KEY }))).toBe('signature_invalid');
  });

  test.each(['https://nobody.example.com', `${ISSUER}/`, HOWTO.key, ''])('leave the issuer %j unknown', async (iss) => {
    expect(await letInBy(both, accessToken({ iss }))).toBe('issuer_unknown');
  });

  test('leave a token without an issuer unknown', async () => {
    expect(await letInBy(both, accessToken({ iss: undefined }))).toBe('issuer_unknown');
  });
});

describe('with a consumer method beside them', () => {
  const all = together(staff, partners, clients);
  const reversed = together(clients, partners, staff);

  test.each([
    ['last', all],
    ['first', reversed],
  ])('%s in the list, every token finds its own', async (_place, method) => {
    expect(await letInBy(method, howtoToken())).toBe('clients');
    expect(await letInBy(method, accessToken())).toBe('staff');
    expect(await letInBy(method, accessToken({ iss: OTHER }, { key: STRANGER_KEY }))).toBe('partners');
  });

  test('what no issuer names goes to the consumer method, whose refusal is the answer', async () => {
    expect(await letInBy(all, accessToken({ iss: 'https://nobody.example.com' }))).toBe('credential_unknown');
    expect(await letInBy(all, accessToken({ iss: `${ISSUER}/` }))).toBe('credential_unknown');
  });

  test('a consumer that took an issuer’s name for its key gets none of its tokens', async () => {
    const consumers = howtoConsumers();
    const consumer = await consumers.createConsumer({ username: 'impostor' });
    await consumers.createCredential({ consumer: consumer.id, key: ISSUER, secret: HOWTO.secret });
    const forged = hs256({ iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: inSeconds(300) });
    for (const methods of [
      [staff, consumerJwt({ consumers })],
      [consumerJwt({ consumers }), staff],
    ]) {
      expect(await letInBy(together(...methods), forged)).toBe('algorithm_not_allowed');
    }
  });

  test.each([
    ['expired', { exp: 1 }, {}, 'token_expired'],
    ['for another audience', { aud: 'urn:other' }, {}, 'audience_mismatch'],
    ['forged', {}, { key: STRANGER_KEY }, 'signature_invalid'],
    ['of another kind', { at_hash: 'x' }, {}, 'claim_invalid'],
  ])('an issuer’s token that is %s never falls through to the consumers', async (_what, claims, signing, code) => {
    expect(await letInBy(all, accessToken(claims, signing))).toBe(code);
  });

  test('a consumer’s token need not have an issuer at all', async () => {
    const byKid = consumerJwt({ name: 'byKid', consumers: howtoConsumers(), keyClaim: 'kid' });
    const token = hs256({ exp: inSeconds(300) }, { header: { kid: HOWTO.key } });
    expect(await letInBy(together(staff, byKid), token)).toBe('byKid');
    expect(await letInBy(together(byKid, staff), token)).toBe('byKid');
  });
});

describe('one issuer with an audience for each of two methods', () => {
  const internal = door({ name: 'internal', audience: ['urn:internal', 'urn:shared-none'] });
  const external = door({ name: 'external', audience: 'urn:external', tokenProfile: 'at+jwt' });
  const both = together(internal, external);
  const rfc9068 = { client_id: 'app', jti: 'j' };

  test('sends a token to the method that it is for', async () => {
    expect(await letInBy(both, accessToken({ aud: 'urn:internal' }))).toBe('internal');
    const token = accessToken({ aud: 'urn:external', ...rfc9068 }, { header: { typ: 'at+jwt' } });
    expect(await letInBy(both, token)).toBe('external');
  });

  test('lets the method that a token is for refuse it', async () => {
    expect(await letInBy(both, accessToken({ aud: 'urn:external' }))).toBe('claim_invalid');
  });

  test('refuses a token that is for neither', async () => {
    expect(await letInBy(both, accessToken())).toBe('audience_mismatch');
    expect(await letInBy(both, accessToken({ aud: [7] }))).toBe('claim_invalid');
  });
});

describe('a resolver of tenants beside a fixed issuer and consumers', () => {
  const issuers = (issuer: string) =>
    issuer === OTHER ? { issuer: OTHER, audience: AUDIENCE, publicKeys: STRANGER_PEM } : undefined;
  const all = together(staff, oidcBearer({ name: 'tenants', issuers }), clients);

  test('every token finds its own', async () => {
    expect(await letInBy(all, accessToken())).toBe('staff');
    expect(await letInBy(all, accessToken({ iss: OTHER }, { key: STRANGER_KEY }))).toBe('tenants');
    expect(await letInBy(all, howtoToken())).toBe('clients');
  });

  test('a resolver that is down is an outage, and no reason to ask the consumers', async () => {
    const down = oidcBearer({ issuers: () => Promise.reject(new Error('down')) });
    expect(await verdict(together(down, clients), howtoToken())).toBe('503 check_failed');
  });
});

test('the same issuer and audience in two places is two methods', async () => {
  const inHeader = door({ name: 'inHeader', tokenFrom: fromHeader('x-token') });
  expect(await letInBy(together(staff, inHeader), accessToken())).toBe('staff');
});

test('a key is its issuer’s even where two issuers have a key of one kid', async () => {
  const header = { kid: 'same' };
  const jwk = (pem: string) => jwkOf(createPublicKey(pem), header);
  const both = together(
    door({ publicKeys: jwk(PROVIDER_PEM) }),
    door({ issuer: OTHER, publicKeys: jwk(STRANGER_PEM) }),
  );
  expect(await verdict(both, accessToken({}, { header }))).toBe(200);
  expect(await verdict(both, accessToken({ iss: OTHER }, { header }))).toBe('signature_invalid');
});
