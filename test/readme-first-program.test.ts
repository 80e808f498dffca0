import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { docsCode } from './helpers/docs-blocks.js';
import { type DocsProgram, docsProgram } from './helpers/docs-program.js';
import { until } from './helpers/until.js';

let program: DocsProgram;
beforeAll(async () => {
  program = await docsProgram(docsCode('README.md', 'Sallyport'));
});
afterAll(() => program.close());

/** Token in the `curl` line that the program prints. */
async function printedToken(): Promise<string> {
  const line = /^curl -i -H "Authorization: Bearer (\S+)" http:\/\/localhost:3000\/me$/m;
  await until(() => line.test(program.printed()));
  return line.exec(program.printed())?.[1] ?? '';
}

test('the first program prints a curl line that is answered 200', async () => {
  const headers = { Authorization: `Bearer ${await printedToken()}` };
  const answer = await fetch(`${program.url}/me`, { headers });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ type: 'user', subject: 'alice' }),
  ]);
  expect((await fetch(`${program.url}/things/1`, { method: 'DELETE', headers })).status).toBe(204);
});

test('without the header it answers 401', async () => {
  expect((await fetch(`${program.url}/me`)).status).toBe(401);
});
