import jwksRsa from 'jwks-rsa';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AUDIENCE, consumers, ISSUER } from '../tokens.mjs';

function keyOf({ policy, algorithm, jwksUri, consumers: count }) {
  if (policy === 'issuer') {
    const secretOrKeyProvider = jwksRsa.passportJwtSecret({ jwksUri, cache: true });
    return { secretOrKeyProvider, issuer: ISSUER, algorithms: [algorithm] };
  }
  const secrets = new Map(consumers(count).map(({ key, secret }) => [key, secret]));
  const secretOrKeyProvider = (_req, token, done) => {
    const { iss } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    done(null, secrets.get(iss));
  };
  return { secretOrKeyProvider, algorithms: ['HS256'] };
}

export default function create(settings) {
  const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
  const options = { jwtFromRequest, audience: AUDIENCE, ...keyOf(settings) };
  passport.use(new Strategy(options, (claims, done) => done(null, claims)));
  return { middlewares: [passport.authenticate('jwt', { session: false, failWithError: true })] };
}
