const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (ISO-HDLC) in six digits of base62, computed without `node:zlib`. */
export function checksumOf(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  const digits = Array.from({ length: 6 }, () => {
    const digit = BASE62[rest % 62];
    rest = Math.floor(rest / 62);
    return digit;
  });
  return digits.reverse().join('');
}

/** Forges a well-formed key with a known id and an invented secret. */
export function forgedKey(start: string): string {
  const body = `${start}_${'7'.repeat(43)}`;
  return `${body}${checksumOf(body)}`;
}
