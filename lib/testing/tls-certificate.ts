import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  certificateTime,
  der,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  utf8String,
} from './der.js';

/** What a TLS server shows, and what its clients must trust to believe it. All PEM. */
export interface TlsCertificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 30;
const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));

const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_CERT_SIGN = bitString(Buffer.from([0x04]), 2);
const DIGITAL_SIGNATURE = bitString(Buffer.from([0x80]), 7);

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), boolean(true), octetString(value));
}

/** The names that a test calls its own machine by (RFC 5280 section 4.2.1.6: 2 is a DNS name, 7 an address). */
function loopbackNames(): Buffer {
  const dns = der(0x82, Buffer.from('localhost'));
  const addresses = [Buffer.from([127, 0, 0, 1]), Buffer.from([...Array<number>(15).fill(0), 1])];
  return sequence(dns, ...addresses.map((address) => der(0x87, address)));
}

const nameOf = (commonName: string) => sequence(setOf(sequence(objectId('2.5.4.3'), utf8String(commonName))));

const pem = (certificate: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

interface CertificateFields {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signedBy: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
}

/** An X.509 version 3 certificate (RFC 5280 section 4.1). */
function certificate({ subject, publicKey, signedBy, extensions }: CertificateFields): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const validity = sequence(
    certificateTime(new Date(Date.now() - DAY_MS)),
    certificateTime(new Date(Date.now() + LIFETIME_DAYS * DAY_MS)),
  );
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf(signedBy.name),
    validity,
    nameOf(subject),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  );
  return pem(sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(sign('sha256', toBeSigned, signedBy.key))));
}

/**
 * A fresh certificate for `localhost`, `127.0.0.1` and `::1`, signed by an authority of its own whose key is
 * forgotten at once, so that nothing in the repository could ever be trusted by mistake.
 */
export function loopbackCertificate(): TlsCertificate {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signedBy = { name: 'Sallyport test authority', key: authority.privateKey };
  const ca = certificate({
    subject: signedBy.name,
    publicKey: authority.publicKey,
    signedBy,
    extensions: [extension(BASIC_CONSTRAINTS, sequence(boolean(true))), extension(KEY_USAGE, KEY_CERT_SIGN)],
  });
  const cert = certificate({
    subject: 'localhost',
    publicKey: server.publicKey,
    signedBy,
    extensions: [extension(KEY_USAGE, DIGITAL_SIGNATURE), extension(SUBJECT_ALT_NAME, loopbackNames())],
  });
  return { key: server.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), cert, ca };
}
