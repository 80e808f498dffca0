import { expect, test } from '@jest/globals';
import { ConfigurationError } from '../../lib/index.js';
import { PROVIDER_PEM } from './oidc-door.js';
import { SECRET } from './shared-secret.js';

/** A wrong configuration: in words, how it is written, and what the refusal says of what came and what to write. */
export type Mistake = readonly [what: string, make: () => unknown, says: RegExp];

/** A secret of these tests that no message may quote. */
export const PASSWORD = 'pw-that-nobody-may-read';

async function messageOf(make: () => unknown): Promise<string> {
  try {
    await make();
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown.message;
    throw thrown;
  }
  return 'taken';
}

/** Promises of each mistake that it is refused at creation, in words that help and quote no secret. */
export function refusesMistakes(mistakes: readonly Mistake[]): void {
  test.each(mistakes)('%s', async (_what, make, says) => {
    const message = await messageOf(make);
    expect(message).toMatch(says);
    for (const secret of [SECRET, PASSWORD, PROVIDER_PEM]) expect(message).not.toContain(secret);
  });
}
