import type { KeyObject } from 'node:crypto';
import { ALGORITHM_NAMES, type Algorithm, algorithmSpec } from './algorithms.js';

/** Whether a key verifies PSS with this hash. A PSS key may restrict hash and salt length (RFC 4055 section 3.1). */
function fitsPss({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, hash: string): boolean {
  if (asymmetricKeyType === 'rsa') return true;
  if (asymmetricKeyType !== 'rsa-pss') return false;
  const { hashAlgorithm = hash, mgf1HashAlgorithm = hash, saltLength = 0 } = asymmetricKeyDetails ?? {};
  return hashAlgorithm === hash && mgf1HashAlgorithm === hash && saltLength <= Number(hash.slice('sha'.length)) / 8;
}

function fits(key: KeyObject, algorithm: Algorithm): boolean {
  const spec = algorithmSpec(algorithm);
  switch (spec.family) {
    case 'hmac':
      return false;
    case 'rsa':
      return key.asymmetricKeyType === 'rsa';
    case 'rsa-pss':
      return fitsPss(key, spec.hash);
    case 'ec':
      return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === spec.curve;
    case 'eddsa':
      return spec.keyTypes.includes(key.asymmetricKeyType ?? '');
  }
}

/** Lists the algorithms that a public key's type and curve allow. Which of them is used is the configuration's choice. */
export function fittingAlgorithms(key: KeyObject): readonly Algorithm[] {
  return ALGORITHM_NAMES.filter((algorithm) => fits(key, algorithm));
}
