import { createPrivateKey } from 'node:crypto';

/** A self-signed certificate on P-256, made for these tests with `openssl req -x509`. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIUP5gtik2Dc7XgxLSVmxEqzLF/bCEwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMdGVzdC5leGFtcGxlMB4XDTI2MTEyNDEwMjEzNFoXDTM2MTEy
MTEwMjEzNFowFzEVMBMGA1UEAwwMdGVzdC5leGFtcGxlMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAE50GSrpqdlDRopBB97KPh579Kz1R/iLiiIOl8pC30rANDN5Ui
26LesNxXRKuwdKRVEW6Z71AK5XD/xvOgcFUUwqNTMFEwHQYDVR0OBBYEFLa3/ecu
zW8LtRumiAN5+T36e2jrMB8GA1UdIwQYMBaAFLa3/ecuzW8LtRumiAN5+T36e2jr
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANufHsEESGu44uSo
WbfbjfgQETAL6k+14laYcsJxb/weAiAs7HCufD4izx4Ra+ouWlr4cIcPVNRV5HWo
4m9uLYKozA==
-----END CERTIFICATE-----`;

/** Private key of {@link CERTIFICATE}; it protects nothing. */
export const CERTIFICATE_KEY = createPrivateKey({
  key: Buffer.from(
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj9HUIoDknz0ujwev6L6qfsXvFsIxwcLd8sqGO6stNNShRANCAATnQZKump2UNGikEH3so+Hnv0rPVH+IuKIg6XykLfSsA0M3lSLbot6w3FdEq7B0pFURbpnvUArlcP/G86BwVRTC',
    'base64',
  ),
  format: 'der',
  type: 'pkcs8',
});
