import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, as `node:https` takes them. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** One DER element (X.690 section 8.1). */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...members: readonly Uint8Array[]) => der(0x30, ...members);
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function time(offsetDays: number): Buffer {
  const text = new Date(Date.now() + offsetDays * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

const nameOf = (commonName: string) =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));

const BASIC_CONSTRAINTS_CA = sequence(oid(0x55, 0x1d, 0x13), TRUE, der(0x04, sequence(TRUE)));
const THIS_MACHINE = sequence(
  oid(0x55, 0x1d, 0x11),
  der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))),
);

interface Certified {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}

/** An X.509 version 3 certificate (RFC 5280 section 4.1), signed with ECDSA. */
function certificate({ subject, publicKey, extension }: Certified, issuer: string, issuerKey: KeyObject): string {
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const validity = sequence(time(-1), time(30));
  const extensions = der(0xa3, sequence(extension));
  const signed = sequence(
    version,
    serial,
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    validity,
    nameOf(subject),
    spki,
    extensions,
  );
  const bits = der(0x03, Buffer.from([0]), sign('sha256', signed, issuerKey));
  const base64 = sequence(signed, ECDSA_WITH_SHA256, bits).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?!$)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

/** A certificate authority of its own, with what a server on this machine needs; nobody else trusts it. */
export function certificateAuthority(name = 'test authority'): { ca: string; server: TlsIdentity } {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const root = { subject: name, publicKey: authority.publicKey, extension: BASIC_CONSTRAINTS_CA };
  const leaf = { subject: 'localhost', publicKey: server.publicKey, extension: THIS_MACHINE };
  return {
    ca: certificate(root, name, authority.privateKey),
    server: {
      cert: certificate(leaf, name, authority.privateKey),
      key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
}
