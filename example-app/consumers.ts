import { SignJWT } from 'jose';
import { memoryConsumers } from 'sallyport';

/** The consumer of Kong's how-to. A real application would read this from its store. */
const jsmith = {
  username: 'jsmith',
  key: 'YJdmaDvVTJxtcWRCvkMikc8oELgAVNcz',
  secret: 'C50k0bcahDhLNhLKSUBSR1OMiFGzNZ7X',
};

export const consumers = memoryConsumers([
  { username: jsmith.username, groups: ['partners'], credentials: [{ key: jsmith.key, secret: jsmith.secret }] },
]);

/** What the same consumer looks like in Kong's declarative configuration. */
export const kongConfig = {
  _format_version: '3.0',
  consumers: [
    {
      username: jsmith.username,
      jwt_secrets: [{ key: jsmith.key, secret: jsmith.secret, algorithm: 'HS256' }],
    },
  ],
  plugins: [{ name: 'jwt', config: {} }],
};

/** Kong's how-to for `openid-connect`: a name and a password are swapped for a token, which the application gets. */
export const kongOpenidConfig = (issuer: string) => ({
  _format_version: '3.0',
  plugins: [
    {
      name: 'openid-connect',
      config: {
        issuer,
        client_id: ['gateway'],
        client_secret: ['gateway-secret'],
        client_auth: ['client_secret_post'],
        auth_methods: ['password', 'bearer'],
        bearer_token_param_type: ['query'],
      },
    },
  ],
});

/** Signs as jsmith's own program would. */
export function tokenOfJsmith(): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(jsmith.key)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jsmith.secret));
}
