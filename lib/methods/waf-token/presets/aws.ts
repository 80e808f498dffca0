import { ConfigurationError } from '../../../errors/configuration-error.js';
import type { ClaimMapping } from '../../../principal/mapped-claims.js';
import { type PresetFacts, required, requiredList } from './preset.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Returns the region of ARNs, which have the form `arn:partition:service:region:account:resource`.
 * @throws {ConfigurationError} when an ARN is of another service, or there are several regions.
 */
function regionOf(option: string, arns: readonly string[], service: string): string {
  const regions = arns.map((arn) => {
    const [prefix, , itsService, region] = arn.split(':');
    if (prefix !== 'arn' || itsService !== service || region === undefined || !/^[a-z0-9-]+$/.test(region)) {
      throw new ConfigurationError(option, `expects the ARN of ${service}, such as arn:aws:${service}:eu-west-1:…`);
    }
    return region;
  });
  const [region = '', ...others] = [...new Set(regions)];
  if (others.length > 0) throw new ConfigurationError(option, 'names more than one region; use one method for each');
  return region;
}

/** Own options of the preset {@link awsAlb}. */
export interface AwsAlbOptions {
  /** ARN of the load balancer, or several. The region of the keys is taken from it, never from a token. */
  albArn: string | readonly string[];
  /** Client id in the listener's rule, or several where rules use different ones. */
  clientId: string | readonly string[];
  /** Issuer of the identity provider, such as `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc`. */
  issuer: string;
}

function albKeys(region: string): string {
  return region.startsWith('us-gov-')
    ? `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}/{kid}`
    : `https://public-keys.auth.elb.${region}.amazonaws.com/{kid}`;
}

/**
 * Facts about AWS Application Load Balancer with `authenticate-oidc` or `authenticate-cognito`: no audience, but the
 * signing load balancer and the client in the JOSE header; one PEM per key id; `=` padding inside the signed bytes.
 */
export function awsAlb({ albArn, clientId, issuer }: AwsAlbOptions): PresetFacts {
  const arns = requiredList('awsAlb.albArn', albArn);
  return {
    header: 'x-amzn-oidc-data',
    siblings: ['x-amzn-oidc-identity', 'x-amzn-oidc-accesstoken'],
    issuer: required('awsAlb.issuer', issuer),
    audience: null,
    algorithms: ['ES256'],
    pemPerKid: { url: albKeys(regionOf('awsAlb.albArn', arns, 'elasticloadbalancing')), kidPattern: UUID },
    // Cognito's user pools write `username`, other providers the standard claim.
    claims: { username: ({ username, preferred_username: preferred }) => username ?? preferred },
    headerMembers: { signer: arns, client: requiredList('awsAlb.clientId', clientId) },
    padding: 'required',
    timesInHeader: true,
  };
}

/** Own options of the preset {@link awsVerifiedAccess}. */
export interface AwsVerifiedAccessOptions {
  /** ARN of the Verified Access instance, or several. */
  instanceArn: string | readonly string[];
  /** OIDC issuer, or the trust provider's ARN for IAM Identity Center. */
  issuer: string;
}

/** Claim mapping for IAM Identity Center, which does not use the standard claims. */
const IDENTITY_CENTER: ClaimMapping = {
  subject: '/user/user_id',
  username: '/user/user_name',
  email: '/user/email/address',
  emailVerified: '/user/email/verified',
};

/**
 * Facts about AWS Verified Access: ES384, one PEM per key id, the instance in the JOSE header, tokens that live two
 * minutes.
 */
export function awsVerifiedAccess({ instanceArn, issuer }: AwsVerifiedAccessOptions): PresetFacts {
  const arns = requiredList('awsVerifiedAccess.instanceArn', instanceArn);
  const region = regionOf('awsVerifiedAccess.instanceArn', arns, 'ec2');
  required('awsVerifiedAccess.issuer', issuer);
  return {
    header: 'x-amzn-ava-user-context',
    siblings: [],
    issuer,
    audience: null,
    algorithms: ['ES384'],
    pemPerKid: { url: `https://public-keys.prod.verified-access.${region}.amazonaws.com/{kid}`, kidPattern: UUID },
    ...(issuer.startsWith('arn:') ? { claims: IDENTITY_CENTER } : {}),
    headerMembers: { signer: arns },
    padding: 'allowed',
    timesInHeader: true,
  };
}
