import { ConfigurationError } from '../../errors/configuration-error.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { type Fields, readFields, type Setting } from './fields.js';

/** A JWT IdP of ZITADEL, checked and with defaults applied. */
export interface JwtProvider {
  readonly name: string;
  readonly issuer: string;
  readonly jwtEndpoint: string;
  readonly keysEndpoint: string;
  readonly headerName: string;
  /** Audience of tokens; empty: not checked. */
  readonly audience: string;
  readonly isLinkingAllowed: boolean;
  readonly isCreationAllowed: boolean;
  readonly isAutoCreation: boolean;
  readonly isAutoUpdate: boolean;
  readonly autoLinking: 'unspecified' | 'username' | 'email';
}

/** Values of `autoLinking` in the order of their numbers in protobuf. */
const AUTO_LINKING = ['unspecified', 'username', 'email'] as const;

/** Reads a text and trims it, as ZITADEL does. */
function readText(option: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new ConfigurationError(option, 'expects a string');
  return value.trim();
}

/** Reads a boolean, which Terraform may write as a text. */
function readSwitch(option: string, value: unknown = false): boolean {
  if (typeof value === 'boolean') return value;
  if (value !== 'true' && value !== 'false') throw new ConfigurationError(option, 'expects true or false');
  return value === 'true';
}

function readAutoLinking(option: string, value: unknown = 0): JwtProvider['autoLinking'] {
  const text = String(value).toLowerCase();
  const found = AUTO_LINKING.find((name, index) => [name, `auto_linking_option_${name}`, `${index}`].includes(text));
  if (found === undefined)
    throw new ConfigurationError(
      option,
      'expects AUTO_LINKING_OPTION_UNSPECIFIED, AUTO_LINKING_OPTION_USERNAME or AUTO_LINKING_OPTION_EMAIL',
    );
  return found;
}

/** Refuses another kind of provider, and one that is not active. */
function assertActiveJwt(option: string, fields: Fields): void {
  const type = readText(`${option}.type`, fields.get('type'));
  if (type !== '' && !/^((PROVIDER|IDP)_TYPE_)?JWT$/i.test(type))
    throw new ConfigurationError(`${option}.type`, 'is not JWT: this is another kind of identity provider');
  const state = readText(`${option}.state`, fields.get('state'));
  if (state !== '' && !/^(IDP_STATE_)?ACTIVE$/i.test(state))
    throw new ConfigurationError(
      `${option}.state`,
      'is not active: nobody signs in by this provider in ZITADEL either',
    );
}

/**
 * Reads a JWT IdP. @param allowHttp whether addresses may be plain http.
 * @throws {ConfigurationError} with ZITADEL's names.
 */
export function readJwtProvider(option: string, value: unknown, allowHttp: boolean): JwtProvider {
  const fields = readFields(option, value);
  assertActiveJwt(option, fields);
  const text = (name: Setting) => readText(`${option}.${name}`, fields.get(name));
  const required = (name: Setting) => {
    const found = text(name);
    if (found === '') throw new ConfigurationError(`${option}.${name}`, 'is required');
    return found;
  };
  const isOn = (name: Setting) => readSwitch(`${option}.${name}`, fields.get(name));
  const jwtEndpoint = required('jwtEndpoint');
  configuredUrl(`${option}.jwtEndpoint`, jwtEndpoint, allowHttp);
  return {
    name: text('name') || 'zitadel',
    issuer: required('issuer'),
    jwtEndpoint,
    keysEndpoint: required('keysEndpoint'),
    headerName: text('headerName') || 'authorization',
    audience: text('audience'),
    isLinkingAllowed: isOn('isLinkingAllowed'),
    isCreationAllowed: isOn('isCreationAllowed'),
    // The first version of the API called it autoRegister.
    isAutoCreation: isOn('isAutoCreation') || isOn('autoRegister'),
    isAutoUpdate: isOn('isAutoUpdate'),
    autoLinking: readAutoLinking(`${option}.autoLinking`, fields.get('autoLinking')),
  };
}
