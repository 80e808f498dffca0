import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';
import { AUDIENCE, consumers, ISSUER } from '../tokens.mjs';

export default function create({ policy, algorithm, jwksUri, consumers: count }) {
  if (policy === 'issuer') {
    const secret = jwksRsa.expressJwtSecret({ jwksUri, cache: true });
    return { middlewares: [expressjwt({ secret, audience: AUDIENCE, issuer: ISSUER, algorithms: [algorithm] })] };
  }
  const secrets = new Map(consumers(count).map(({ key, secret }) => [key, secret]));
  const secret = async (_req, token) => secrets.get(token?.payload.iss);
  return { middlewares: [expressjwt({ secret, audience: AUDIENCE, algorithms: ['HS256'] })] };
}
