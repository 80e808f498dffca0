import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Path of Chromium in Debian's package. */
const CHROMIUM = '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

/** Flags that keep Chromium from contacting other servers; `--no-sandbox` because tests may run as root. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens browsers with separate profiles, which close after each test. */
export function freshBrowsers(): () => Promise<Page> {
  const open: { context: BrowserContext; home: string }[] = [];
  afterEach(async () => {
    for (const { context, home } of open.splice(0)) {
      await context.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
  return async () => {
    const home = mkdtempSync(join(tmpdir(), 'sallyport-chromium-'));
    const context = await chromium.launchPersistentContext(home, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    open.push({ context, home });
    return context.pages()[0] ?? context.newPage();
  };
}
