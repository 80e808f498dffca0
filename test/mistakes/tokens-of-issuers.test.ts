import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe } from '@jest/globals';
import { oidcBearer } from '../../lib/index.js';
import { refusesMistakes } from '../helpers/mistakes.js';
import { PROVIDER_KEY, PROVIDER_PEM } from '../helpers/oidc-door.js';
import { SECRET } from '../helpers/shared-secret.js';

const issuer = 'https://login.example.com';
/** Options as JavaScript would pass them. */
const oidc = (options: object) => () => oidcBearer({ issuer, audience: 'api', ...options } as never);
const given = (options: unknown) => () => oidcBearer(options as never);
const privatePem = PROVIDER_KEY.export({ type: 'pkcs8', format: 'pem' }).toString();
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('the options of oidcBearer as a whole', () => {
  refusesMistakes([
    ['no options', given(undefined), /^oidcBearer: .*oidcBearer\(\{ issuer, audience \}\), and this is undefined/],
    ['the issuer alone, as a text', given(issuer), /oidcBearer\(\{ issuer, audience \}\), and this is a text/],
    ['a list', given([]), /and this is an empty list/],
    ['a Promise', given(Promise.resolve({})), /and this is a Promise: await it/],
    ['no issuer', given({}), /^oidcBearer\.issuer: is required/],
    ['no audience', given({ issuer }), /^oidcBearer\.audience: is required: .*null/],
    ['a secret and no issuer', given({ secret: SECRET }), /sharedSecretJwt\(\{ secret/],
    ['a secret and nothing about other keys', oidc({ secret: SECRET }), /^oidcBearer\.secret: .*sharedSecretJwt/],
    ['secretOrKey', oidc({ secretOrKey: SECRET }), /"publicKeys".*sharedSecretJwt\(\{ secret \}\)/],
  ]);
});

describe('issuer', () => {
  refusesMistakes([
    [
      'without its scheme',
      oidc({ issuer: 'login.example.com' }),
      /is not a URL: it begins with its scheme, as in https:/,
    ],
    [
      'with its document',
      oidc({ issuer: `${issuer}/.well-known/openid-configuration` }),
      /address of its document; give the issuer/,
    ],
    [
      'with its document, beside keys',
      oidc({ issuer: `${issuer}/.well-known/jwks.json`, publicKeys: PROVIDER_PEM }),
      /address of its document/,
    ],
    ['as a URL object', oidc({ issuer: new URL(issuer) }), /and this is a URL/],
    ['as a pattern', oidc({ issuer: /example/ }), /and this is a RegExp/],
    ['as a function', oidc({ issuer: () => issuer }), /and this is the function issuer/],
    ['as *', oidc({ issuer: '*', publicKeys: PROVIDER_PEM }), /no pattern; name the issuer/],
    ['in quotes', oidc({ issuer: `"${issuer}"` }), /quotes around it.*take them out/],
    [
      'with a variable that is not set',
      oidc({ issuer: `https://${undefined}/` }),
      /contains "undefined": is the environment variable set/,
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a file has that no tool has filled in.
    ['with a placeholder', oidc({ issuer: 'https://${DOMAIN}/' }), /placeholder that nothing has replaced/],
    ['over plain http', oidc({ issuer: 'http://keycloak:8080/realms/x' }), /https URL; dangerouslyAllowHttp: true/],
    [
      'of all tenants of Entra',
      oidc({ issuer: 'https://login.microsoftonline.com/common/v2.0' }),
      /many tenants.*\{tenantid\}.*tenants: \[/,
    ],
    ['with a space', oidc({ issuer: `${issuer} ` }), /begins or ends with a space/],
    ['a template without tenants', oidc({ issuer: `${issuer}/{tenantid}` }), /tenants: is required with \{tenantid\}/],
    [
      'tenants as a text',
      oidc({ issuer: `${issuer}/{tenantid}`, tenants: 'a' }),
      /and this is a text: put brackets around it/,
    ],
    ['issuers as a list', given({ issuers: [issuer] }), /issuers: expects a function, and this is a list/],
  ]);
});

describe('audience', () => {
  refusesMistakes([
    ['empty', oidc({ audience: '' }), /this is empty: is the environment variable set/],
    ['*', oidc({ audience: '*' }), /no pattern; null says that it is not checked/],
    ['for nobody', oidc({ audience: [] }), /names nobody/],
    ['with an empty member', oidc({ audience: ['api', ''] }), /member 1 is empty: is the environment variable set/],
    ['a number', oidc({ audience: 42 }), /and this is the number 42/],
    ['false', oidc({ audience: false }), /and this is false/],
    ['a Promise', oidc({ audience: Promise.resolve('api') }), /audience: is a Promise: await it/],
    ['with a space', oidc({ audience: 'api ' }), /begins or ends with a space/],
  ]);
});

describe('where keys come from', () => {
  refusesMistakes([
    [
      'jwksUri without its scheme',
      oidc({ jwksUri: 'example.com/jwks' }),
      /^oidcBearer\.jwksUri: is not a URL: .*https:/,
    ],
    [
      'jwksUri of a document',
      oidc({ jwksUri: `${issuer}/.well-known/openid-configuration` }),
      /give it as discovery: \{ url \}/,
    ],
    ['jwksUri as a URL object', oidc({ jwksUri: new URL(issuer) }), /URL object; give its text: url\.href/],
    ['jwksUri empty', oidc({ jwksUri: '' }), /empty: is the environment variable set/],
    ['jwksUri as a list', oidc({ jwksUri: [issuer] }), /and this is a list/],
    ['discovery as a text', oidc({ discovery: issuer }), /as in discovery: \{ url \}, and this is a text/],
    ['discovery: true', oidc({ discovery: true }), /discovery: \{ url \}, and this is true/],
    [
      'two places',
      oidc({ jwksUri: issuer, publicKeys: PROVIDER_PEM }),
      /exactly one of .*, not jwksUri and publicKeys/,
    ],
    ['a key set as keys', oidc({ keys: { keys: [] } }), /such as jwksKeys\(\{ jwksUri \}\), and this is an object/],
    ['cooldown in milliseconds', oidc({ cooldown: 30_000 }), /milliseconds; write 30$/],
    ['ca as a path', oidc({ ca: '/etc/ssl/ca.pem' }), /ca: expects PEM certificates/],
    [
      'a proxy without its scheme',
      oidc({ keyRequest: { proxy: 'proxy:3128' } }),
      /proxy: expects an http: or https: URL/,
    ],
  ]);
});

describe('publicKeys', () => {
  const keys = (publicKeys: unknown) => oidc({ publicKeys });
  refusesMistakes([
    ['a path', keys('./key.pem'), /^oidcBearer\.publicKeys\[0\]: .*path of a file; .*readFileSync/],
    ['an address', keys('https://example.com/jwks'), /an address, which is given as jwksUri/],
    [
      'a JWK as text',
      keys(JSON.stringify(pair.publicKey.export({ format: 'jwk' }))),
      /JSON; give the object: JSON\.parse/,
    ],
    ['a PEM that was cut off', keys(PROVIDER_PEM.slice(0, 80)), /END line is missing/],
    ['a private PEM', keys(privatePem), /private key; give the public one/],
    ['a private JWK', keys([pair.privateKey.export({ format: 'jwk' })]), /JWK is private; give the public one/],
    ['a private KeyObject', keys(createPrivateKey(privatePem)), /private KeyObject; .*createPublicKey/],
    ['a key set', keys({ keys: [] }), /key set; give its keys: publicKeys: set\.keys/],
    ['bytes', keys(Buffer.from(PROVIDER_PEM)), /Buffer; give its text: buffer\.toString/],
    ['a function', keys(() => PROVIDER_PEM), /this is a function, and no key/],
    ['a Promise', keys(Promise.resolve(PROVIDER_PEM)), /is a Promise: await it/],
    ['null', keys(null), /this is null, and no key/],
    ['none', keys([]), /at least one key, and this is an empty list/],
    ['a secret', keys([SECRET]), /not a PEM public key or certificate/],
    ['a symmetric JWK', keys([{ kty: 'oct', k: 'AAAA' }]), /symmetric JWK is a secret/],
  ]);
});

describe('algorithms', () => {
  const algorithms = (names: unknown) => oidc({ publicKeys: PROVIDER_PEM, algorithms: names });
  refusesMistakes([
    ['as a text', algorithms('ES256'), /this is a text: write a list, \["ES256"\]/],
    ['in small letters', algorithms(['es256']), /did you mean "ES256"\? Case counts/],
    ['of a secret', algorithms(['HS256']), /shared secret.*sharedSecretJwt\(\{ secret \}\)/],
    ['that fit no key', algorithms(['RS256']), /fits none of the algorithms/],
    ['none', algorithms(['none']), /expects some of RS256/],
  ]);
});
