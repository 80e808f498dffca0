import type { IncomingMessage } from 'node:http';
import type { Principal } from '../../principal/principal.js';
import { removeHeader, replaceHeader } from '../../tokens/headers.js';

/** The headers by which applications behind Kong know who calls. */
export const CONSUMER_HEADERS = [
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-credential-identifier',
  'x-anonymous-consumer',
] as const;

/**
 * A text as Node shows a header that Kong wrote: its UTF-8 bytes, one character each, and nothing that could end
 * the header early where the application passes it on.
 */
export function headerValue(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(/[^\t\x20-\x7e\x80-\xff]/g, encodeURIComponent);
}

/** Sets the headers of a consumer and clears those without a value, on every view that Node gives of them. */
export function setConsumerHeaders(
  req: IncomingMessage,
  { type, consumer }: Principal,
  credentialKey: string | undefined,
): void {
  const values: Record<(typeof CONSUMER_HEADERS)[number], string | undefined> = {
    'x-consumer-id': consumer?.id,
    'x-consumer-custom-id': consumer?.customId,
    'x-consumer-username': consumer?.username,
    'x-credential-identifier': credentialKey,
    'x-anonymous-consumer': type === 'anonymous' ? 'true' : undefined,
  };
  for (const name of CONSUMER_HEADERS) {
    const value = values[name];
    if (value === undefined) removeHeader(req, name);
    else replaceHeader(req, name, headerValue(value));
  }
}
