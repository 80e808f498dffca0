const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 as ISO-HDLC writes it, by hand, in six digits of base 62. */
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

/** A key as somebody writes it who knows the form and an id, and not the secret. */
export function forgedKey(start: string): string {
  const body = `${start}_${'7'.repeat(43)}`;
  return `${body}${checksumOf(body)}`;
}
