import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import type { KeyContext } from '../../../issuers/issuer-keys.js';
import { bundleKeys } from '../../../keys/bundle-keys.js';
import { lazyKeys } from '../../../keys/joint-keys.js';
import { jwksKeys } from '../../../keys/jwks-keys.js';
import type { KeySource } from '../../../keys/key-source.js';
import { namesOf } from '../../../options/option-names.js';
import type { Audience, OidcPresetExtras, Provider, Texts } from '../provider-facts.js';
import { listOf, named, oneOf, onlyList, text } from './facts.js';

/** Own options of the preset `kubernetes`. */
export interface KubernetesPresetOptions {
  /** Audience of the projected tokens, or several; `null`, with `requiredClaims: []`, for tokens of secrets. */
  audience: Audience;
  /** Service accounts that are welcome, as `namespace/name`. */
  serviceAccounts: readonly string[];
  /**
   * What the API server writes (`--service-account-issuer`); a list where it was changed, the new one first.
   * @default 'https://kubernetes.default.svc.cluster.local'
   */
  issuer?: Texts | undefined;
}

const POD = '/var/run/secrets/kubernetes.io/serviceaccount';
const API_SERVER = 'https://kubernetes.default.svc';

function serviceAccount(option: string, given: unknown): string {
  const name = text(option, given);
  const bare = name.replace(/^system:serviceaccount:([^:]+):/, '$1/');
  if (bare !== name) throw new ConfigurationError(option, `expects "namespace/name"; write "${bare}"`);
  if (!/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(name))
    throw new ConfigurationError(option, `expects "namespace/name", without patterns; this is "${name}"`);
  return `system:serviceaccount:${name.replace('/', ':')}`;
}

/** Opens the keys of the cluster that this runs in. The certificate is a file of the pod, read when keys are first wanted. */
function clusterKeys(extras: OidcPresetExtras, { algorithms, listeners }: KeyContext): KeySource {
  const { ca, keyRequest = { bearerFile: `${POD}/token` }, maxStale, cooldown } = extras;
  const jwksUri = `${API_SERVER}/openid/v1/jwks`;
  return lazyKeys(jwksUri, () => {
    const root = ca ?? readFileSync(`${POD}/ca.crt`, 'utf8');
    return jwksKeys({ jwksUri, ca: root, keyRequest, maxStale, cooldown, algorithms, listeners });
  });
}

/**
 * Facts about Kubernetes: service accounts by namespace and name; inside the cluster the keys are asked for with the
 * pod's own token.
 */
export const kubernetes: Provider<KubernetesPresetOptions> = {
  own: namesOf<KubernetesPresetOptions>()({ audience: true, serviceAccounts: true, issuer: true }),
  facts({ audience, serviceAccounts, issuer = `${API_SERVER}.cluster.local` }, extras) {
    const welcome = onlyList(serviceAccount)('oidcPresets.kubernetes.serviceAccounts', serviceAccounts);
    const names = listOf(text)('oidcPresets.kubernetes.issuer', issuer);
    // An issuer elsewhere is a cloud's, whose document anybody may read.
    const isInside = names[0].startsWith(API_SERVER) || !/^https?:\/\//.test(names[0]);
    return {
      options: {
        issuer: named(names),
        audience,
        subjects: 'client',
        claims: {
          attributes: {
            namespace: ['kubernetes.io', 'namespace'],
            pod: ['kubernetes.io', 'pod', 'name'],
            node: ['kubernetes.io', 'node', 'name'],
          },
        },
      },
      ...(isInside ? { openKeys: (context) => clusterKeys(extras, context) } : {}),
      assertOurs({ sub }) {
        if (!welcome.some((account) => account === sub))
          throw invalidClaim('sub', 'is none of the listed service accounts', {
            expected: serviceAccounts,
            hint: 'The token is genuine and of another service account of the cluster; list it in serviceAccounts if it is to be welcome.',
          });
      },
      clientOf: ({ sub }) => sub,
      hint: ({ code }) =>
        code === 'keys_unavailable' && isInside
          ? 'Keys are asked for inside the cluster, with the token of the pod, which needs the ClusterRole system:service-account-issuer-discovery; outside give jwksUri or publicKeys.'
          : undefined,
    };
  },
};

/** Own options of the preset `spiffe`. */
export type SpiffePresetOptions = {
  /** Name of the trust domain, such as `example.org`. */
  trustDomain: string;
  /** Audience of the JWT-SVIDs, or several. */
  audience: Audience;
  /** Workloads that are welcome: whole SPIFFE ids, or paths of the trust domain, such as `/web`; `'*'` for all of them. */
  ids: readonly string[] | '*';
} & (
  | {
      /** Bundle of the trust domain: the address or the path of a file. */
      bundle: string;
      issuer?: never;
    }
  | {
      /** Address of SPIRE's OpenID provider, whose tokens name it. */
      issuer: string;
      bundle?: never;
    }
);

function trustDomainOf(option: string, given: unknown): string {
  const name = text(option, given);
  const bare = name.replace(/^spiffe:\/\//, '').replace(/\/.*$/, '');
  if (bare !== name) throw new ConfigurationError(option, `expects the name of the trust domain; write "${bare}"`);
  if (!/^[a-z0-9._-]+$/.test(name))
    throw new ConfigurationError(
      option,
      `expects small letters, digits, dots, dashes and underscores; this is "${name}"`,
    );
  return name;
}

const idIn = (domain: string) => (option: string, given: unknown) => {
  const id = text(option, given);
  const whole = id.startsWith('/') ? `spiffe://${domain}${id}` : id;
  if (!whole.startsWith(`spiffe://${domain}/`) || /[*?#\s]|\/$/.test(whole))
    throw new ConfigurationError(
      option,
      `expects ids below spiffe://${domain}/ or paths that begin with a slash, without patterns; this is "${id}"`,
    );
  return whole;
};

const DOMAIN = /^spiffe:\/\/[^/]+/;

/**
 * Facts about SPIFFE: JWT-SVIDs by the bundle of the trust domain, which need no issuer, or by SPIRE's OpenID
 * provider.
 */
export const spiffe: Provider<SpiffePresetOptions> = {
  own: namesOf<SpiffePresetOptions>()({ trustDomain: true, audience: true, ids: true, bundle: true, issuer: true }),
  facts(own, extras) {
    const { audience, ids, bundle, issuer } = own;
    const domain = trustDomainOf('oidcPresets.spiffe.trustDomain', own.trustDomain);
    if (ids === undefined)
      throw new ConfigurationError(
        'oidcPresets.spiffe.ids',
        'is required: a list of ids, or "*" for the whole trust domain',
      );
    const welcome = ids === '*' ? undefined : onlyList(idIn(domain))('oidcPresets.spiffe.ids', ids);
    oneOf('oidcPresets.spiffe', own, ['bundle', 'issuer']);
    const place = bundle === undefined ? undefined : text('oidcPresets.spiffe.bundle', bundle);
    return {
      options: { issuer: issuer ?? `spiffe://${domain}`, audience, subjects: 'client' },
      ...(place === undefined
        ? {}
        : {
            // A JWT-SVID need not name an issuer: its trust domain stands in its subject.
            issuerOf: ({ sub }) => (typeof sub === 'string' ? DOMAIN.exec(sub)?.[0] : undefined),
            openKeys: (context) => bundleKeys('oidcPresets.spiffe.bundle', place, { ...extras, ...context }),
          }),
      assertOurs({ sub }) {
        const isListed = welcome === undefined || welcome.some((id) => id === sub);
        if (!isListed || typeof sub !== 'string' || !sub.startsWith(`spiffe://${domain}/`))
          throw invalidClaim('sub', 'is none of the listed workloads', {
            expected: welcome ?? `spiffe://${domain}/…`,
            hint: 'The token is genuine and of another workload; list it in ids if it is to be welcome.',
          });
      },
      clientOf: ({ sub }) => sub,
    };
  },
};
