/** What the contenders without a middleware of their own are put into: reads the header, keeps the claims. */
export function bearer(verify) {
  return async function bearerMiddleware(req, _res, next) {
    const { authorization } = req.headers;
    try {
      if (authorization?.startsWith('Bearer ') !== true) throw new Error('no bearer token');
      req.auth = await verify(authorization.slice('Bearer '.length), req);
    } catch (cause) {
      next(Object.assign(new Error('unauthorized', { cause }), { status: 401 }));
      return;
    }
    next();
  };
}

/** Middleware over a synchronous check. */
export function bearerSync(verify) {
  return function bearerMiddleware(req, _res, next) {
    const { authorization } = req.headers;
    try {
      if (authorization?.startsWith('Bearer ') !== true) throw new Error('no bearer token');
      req.auth = verify(authorization.slice('Bearer '.length));
    } catch (cause) {
      next(Object.assign(new Error('unauthorized', { cause }), { status: 401 }));
      return;
    }
    next();
  };
}
