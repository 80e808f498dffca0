import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';

test('docs/api.md holds the shape of every public export; `npm run api` writes it again', async () => {
  const printed = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['.ci/api-report.mjs', '--check'], (_error, _stdout, stderr) => resolve(stderr));
  });
  expect(printed).toBe('');
});
