import { auth } from 'express-oauth2-jwt-bearer';
import { AUDIENCE, consumer, ISSUER } from '../tokens.mjs';

export default function create({ policy, algorithm, jwksUri }) {
  const { key, secret } = consumer(0);
  const options =
    policy === 'issuer'
      ? { issuer: ISSUER, jwksUri, tokenSigningAlg: algorithm }
      : { issuer: key, secret, tokenSigningAlg: 'HS256' };
  return { middlewares: [auth({ audience: AUDIENCE, ...options })] };
}
