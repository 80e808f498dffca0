import { expect, test } from '@jest/globals';
import { active, asking, introspectionEndpoint, opaqueToken } from '../../helpers/introspection-endpoint.js';
import { carrying } from '../../helpers/remembering.js';
import { until } from '../../helpers/until.js';

const endpoint = await introspectionEndpoint();

test('a token that was active before passes while invented ones hang at the endpoint', async () => {
  const honest = opaqueToken();
  const hanging: (() => void)[] = [];
  let asked = 0;
  endpoint.answers(({ form }) => {
    if (form.get('token') === honest) return active();
    asked += 1;
    return new Promise((resolve) => hanging.push(() => resolve({ body: { active: false } })));
  });
  const method = asking(endpoint, { introspection: { cache: false } });
  const outcome = (token: string) =>
    method.authenticate(carrying(token)).then(
      () => 'welcome',
      ({ code }: { code: string }) => code,
    );
  expect(await outcome(honest)).toBe('welcome');
  const flood = Array.from({ length: 200 }, () => outcome(opaqueToken()));
  await until(() => hanging.length >= 32);
  expect(await outcome(honest)).toBe('welcome');
  // Half of the connections are left to tokens that were active.
  expect(asked).toBe(32);
  await until(() => {
    for (const answer of hanging.splice(0)) answer();
    return asked === 200;
  });
  for (const answer of hanging.splice(0)) answer();
  expect(new Set(await Promise.all(flood))).toEqual(new Set(['token_revoked']));
});
