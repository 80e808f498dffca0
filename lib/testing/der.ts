/*
 * Writes the few values of DER that a certificate is made of. Nothing here reads any.
 *
 * Packages do this too, at a price that users of `sallyport/testing` would pay for one option: @peculiar/x509 brings
 * twenty packages and a polyfill that changes the global `Reflect`, selfsigned brings it and more, node-forge makes no
 * certificates on elliptic curves. OpenSSL, by `node:crypto` and `node:https`, checks in the tests what comes out.
 */

/** One value in DER (ITU-T X.690): its tag, the length of its content in the shortest form, the content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...members: readonly Uint8Array[]): Buffer => der(0x30, ...members);

export const setOf = (...members: readonly Uint8Array[]): Buffer => der(0x31, ...members);

export const octetString = (...content: readonly Uint8Array[]): Buffer => der(0x04, ...content);

/** A bit string of whole bytes, or of the named bits of one byte with `unused` bits at its end. */
export const bitString = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);

export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0x00]));

export const utf8String = (text: string): Buffer => der(0x0c, Buffer.from(text));

/** An INTEGER out of unsigned big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const negative = (bytes[0] ?? 0) >= 0x80;
  return der(0x02, ...(negative ? [Buffer.from([0])] : []), bytes);
}

/** An OBJECT IDENTIFIER in its dotted form, such as `2.5.29.17`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const base128 = (arc: number): number[] =>
    arc < 0x80 ? [arc] : [...base128(Math.floor(arc / 0x80)).map((septet) => septet | 0x80), arc % 0x80];
  return der(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

/** A time as RFC 5280 section 4.1.2.5 wants it: UTCTime (two digits of the year) through 2049, then GeneralizedTime. */
export function certificateTime(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
