import { expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { oidcPresets } from '../../lib/index.js';
import { oidcSimulators } from '../../lib/testing/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { present } from '../helpers/oidc-providers.js';

test('there is a simulator for every preset', () => {
  expect(Object.keys(oidcSimulators).sort()).toEqual(Object.keys(oidcPresets).sort());
});

test('signs for the customer that is named, with claims and headers that differ', async () => {
  const okta = await oidcSimulators.okta({ domain: 'mine.okta.com', authorizationServer: 'aus1' });
  afterThisTest(() => okta.close());
  expect(okta.options).toMatchObject({ domain: 'mine.okta.com', audience: 'api://default' });
  const token = await okta.token({ uid: undefined, team: 'blue' }, { header: { typ: 'at+jwt' } });
  expect(decodeJwt(token)).toMatchObject({ iss: 'https://mine.okta.com/oauth2/aus1', team: 'blue' });
  expect(decodeJwt(token)).not.toHaveProperty('uid');
  expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
});

test('has no tokens of a kind that the provider does not give', async () => {
  const apple = await oidcSimulators.apple();
  afterThisTest(() => apple.close());
  await expect(apple.token({}, { as: 'program' })).rejects.toThrow(/no token of the kind "program"/);
  const github = await oidcSimulators.githubActions();
  afterThisTest(() => github.close());
  await expect(github.token({}, { as: 'person' })).rejects.toThrow(/no token of the kind "person"/);
});

test('rotates its keys, counts who asks for them, and can be out of order', async () => {
  const auth0 = await oidcSimulators.auth0();
  afterThisTest(() => auth0.close());
  const method = oidcPresets.auth0({ ...auth0.options, cooldown: 0 });
  expect((await present(method, await auth0.token())).verdict).toBe('200');
  await auth0.rotate();
  expect((await present(method, await auth0.token())).verdict).toBe('200');
  expect(auth0.keyRequests).toBe(2);
  await auth0.stop();
  const later = oidcPresets.auth0(auth0.options);
  expect((await present(later, await auth0.token())).verdict).toBe('503 keys_unavailable');
  await auth0.start();
  await method.close();
  await later.close();
});
