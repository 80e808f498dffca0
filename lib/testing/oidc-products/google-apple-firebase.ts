import type {
  ApplePresetOptions,
  FirebasePresetOptions,
  GooglePresetOptions,
} from '../../methods/oidc-bearer/presets/google-apple-firebase.js';
import { ANN, first, provider } from './product.js';

export const google = provider<GooglePresetOptions>({
  own: { clientIds: ['123-web.apps.googleusercontent.com', '123-android.apps.googleusercontent.com'] },
  elsewhere: { claims: { aud: '999-other.apps.googleusercontent.com' } },
  keyPath: '/oauth2/v3/certs',
  issue: ({ clientIds, hostedDomain }, times) => ({
    claims: {
      iss: 'https://accounts.google.com',
      azp: first(clientIds),
      aud: first(clientIds),
      sub: '110169484474386276334',
      email: ANN.email,
      email_verified: true,
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      name: ANN.name,
      ...(hostedDomain === undefined ? {} : { hd: first(hostedDomain) }),
      ...times,
    },
  }),
  program: () => ({
    claims: {
      azp: '104029292853099978293',
      sub: '104029292853099978293',
      email: 'robot@acme.iam.gserviceaccount.com',
      name: undefined,
      at_hash: undefined,
    },
  }),
});

export const apple = provider<ApplePresetOptions>({
  own: { clientIds: ['com.acme.app', 'com.acme.web'] },
  elsewhere: { claims: { aud: 'com.other.app' } },
  lifetime: 86_400,
  keyPath: '/auth/keys',
  issue: ({ clientIds }, times) => ({
    header: { typ: undefined },
    claims: {
      iss: 'https://appleid.apple.com',
      aud: first(clientIds),
      sub: '001473.fe6f83bf4b8e4590aacbabdcb8598bd0.2039',
      c_hash: 'x',
      email: 'q7sf4@privaterelay.appleid.com',
      email_verified: 'true',
      is_private_email: 'true',
      auth_time: times.iat,
      nonce_supported: true,
      ...times,
    },
  }),
});

export const firebase = provider<FirebasePresetOptions>({
  own: { projectId: 'acme-app' },
  elsewhere: { claims: { aud: 'other-app' } },
  keyPath: '/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  issue: ({ projectId }, times) => ({
    claims: {
      iss: `https://securetoken.google.com/${projectId}`,
      aud: projectId,
      auth_time: times.iat,
      user_id: 'uid-ann',
      sub: 'uid-ann',
      email: ANN.email,
      email_verified: true,
      firebase: { identities: { email: [ANN.email] }, sign_in_provider: 'password' },
      ...times,
    },
  }),
});
