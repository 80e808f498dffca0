// Lines that are compiled as every kind of module.
import { type AuthMethod, oidcBearer, principalOf } from 'sallyport';
import { testIssuer } from 'sallyport/testing';

export async function make(): Promise<AuthMethod> {
  const issuer = await testIssuer();
  return oidcBearer({ issuer: issuer.url, audience: issuer.audience });
}

export const nameOf = (req: Parameters<AuthMethod>[0]): string | undefined => principalOf(req).username;
