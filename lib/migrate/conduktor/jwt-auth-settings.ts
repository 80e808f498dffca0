import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { configuredUrl } from '../../keys/remote-url.js';
import type { Settings } from './settings.js';

/** Settings of `sso.jwt-auth`, checked and with defaults applied. */
export interface JwtAuthSettings {
  readonly issuer: string;
  readonly usernameClaim: string;
  readonly groupsClaim: string;
  /** Whether the configuration names the claim for groups itself. */
  readonly mapsGroups: boolean;
  readonly apiKeyClaim: string;
  readonly ca: string | undefined;
  readonly warnings: readonly string[];
}

const BLOCK = 'sso.jwtauth';
const TRUSTED = 'sso.trustedcertificates';
const IGNORE_UNTRUSTED = 'sso.ignoreuntrustedcertificate';
const KNOWN = ['issuer', 'usernameclaim', 'groupsclaim', 'apikeyclaim'].map((name) => `${BLOCK}.${name}`);

function assertShape(option: string, settings: Settings): void {
  if (settings.has(BLOCK)) {
    throw new ConfigurationError(`${option}.sso.jwt-auth`, 'expects one object: Conduktor has one issuer, not a list');
  }
  const unknown = [...settings.keys()].find((path) => path.startsWith(`${BLOCK}.`) && !KNOWN.includes(path));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `${option}.${unknown}`,
      'unknown setting; known in sso.jwt-auth: issuer, username-claim, groups-claim, api-key-claim',
    );
  }
}

/** Makes the warnings about other settings under `sso`, one for each way to sign in. */
function warningsOf(settings: Settings): string[] {
  const others = [...settings.keys()].filter(
    (path) => path.startsWith('sso.') && !KNOWN.includes(path) && path !== TRUSTED && path !== IGNORE_UNTRUSTED,
  );
  const blocks = new Set(others.map((path) => path.split('.').slice(0, 2).join('.')));
  const warnings = [...blocks].map((block) => `${block} is not carried over: only sso.jwt-auth is.`);
  if (String(settings.get(IGNORE_UNTRUSTED) ?? false) === 'false') return warnings;
  return [...warnings, 'sso.ignoreUntrustedCertificate is not carried over: certificates are always checked.'];
}

function readText(option: string, value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new ConfigurationError(option, 'expects a string');
  return value;
}

function readCa(option: string, value: unknown): string | undefined {
  const pem = readText(option, value);
  if (pem === undefined) return undefined;
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationError(option, 'expects PEM certificates', { cause });
  }
  return pem;
}

/**
 * Reads `sso.jwt-auth` and the settings that it shares with other ways to sign in.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readJwtAuthSettings(option: string, settings: Settings, allowHttp: boolean): JwtAuthSettings {
  assertShape(option, settings);
  const text = (name: string) =>
    readText(`${option}.sso.jwt-auth.${name}`, settings.get(`${BLOCK}.${name.replaceAll('-', '')}`));
  const issuer = text('issuer');
  if (issuer === undefined) throw new ConfigurationError(`${option}.sso.jwt-auth.issuer`, 'is required');
  configuredUrl(`${option}.sso.jwt-auth.issuer`, issuer, allowHttp);
  return {
    issuer,
    usernameClaim: text('username-claim') ?? 'email',
    groupsClaim: text('groups-claim') ?? 'groups',
    mapsGroups: text('groups-claim') !== undefined,
    apiKeyClaim: text('api-key-claim') ?? 'apikey',
    ca: readCa(`${option}.sso.trustedCertificates`, settings.get(TRUSTED)),
    warnings: warningsOf(settings),
  };
}
