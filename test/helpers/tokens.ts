import { createHmac, type KeyObject } from 'node:crypto';

/** The consumer of Kong's how-to. */
export const HOWTO = {
  username: 'jsmith',
  key: 'YJdmaDvVTJxtcWRCvkMikc8oELgAVNcz',
  secret: 'C50k0bcahDhLNhLKSUBSR1OMiFGzNZ7X',
};

export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** An HS256 token, made by hand so that it can be as wrong as a test needs; texts are taken as raw JSON. */
export function hs256(
  claims: Record<string, unknown> | string,
  {
    secret = HOWTO.secret,
    header = {},
  }: { secret?: string | Buffer | KeyObject; header?: Record<string, unknown> | string } = {},
): string {
  const protectedHeader = typeof header === 'string' ? header : { alg: 'HS256', typ: 'JWT', ...header };
  const input = `${encode(protectedHeader)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** A good token of the how-to's consumer. */
export function howtoToken(claims: Record<string, unknown> = {}): string {
  return hs256({ iss: HOWTO.key, exp: inSeconds(300), ...claims });
}
