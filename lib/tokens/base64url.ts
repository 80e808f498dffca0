const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Characters that may end a segment whose length leaves 2 or 3 over four: the bits beyond the last whole byte
 * must be zero. Without this rule one signature has up to 16 spellings, and a cache or a revocation list
 * keyed by the token could be walked around.
 */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/** Whether a text is the one canonical, unpadded base64url spelling of its bytes (RFC 7515 section 2, RFC 4648 section 3.5). */
export function isCanonicalBase64url(text: string): boolean {
  if (!BASE64URL.test(text)) return false;
  const last = text[text.length - 1] ?? '';
  switch (text.length % 4) {
    case 1:
      return false;
    case 2:
      return LAST_OF_TWO.includes(last);
    case 3:
      return LAST_OF_THREE.includes(last);
    default:
      return true;
  }
}
