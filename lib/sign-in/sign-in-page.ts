import type { IncomingMessage } from 'node:http';
import type { AuthError } from '../errors/auth-error.js';
import { type RefusalStyle, type Respond, sendProblem, sendRefusal, toldCode } from '../errors/responder.js';

/** Advice for people by error code, where the error's own message has none. */
const ADVICE: Readonly<Record<string, string>> = {
  credentials_missing:
    'You are not signed in at the gateway in front of this service. Sign in there, then go back to the application and try again.',
  invalid_token: 'The gateway in front of this service says who you are, but not in a way that is accepted here.',
  user_not_registered: 'You are signed in, but not registered here. Ask whoever runs the application.',
  user_pending: 'You are registered, but nobody has approved it yet. Ask whoever runs the application.',
  user_disabled: 'Your account is disabled. Ask whoever runs the application.',
  state_invalid:
    'This sign-in was not begun here, or was changed on its way. Go back to the application and try again.',
  state_expired: 'This sign-in has taken too long. Go back to the application and try again.',
  state_replayed: 'This sign-in has been completed already. Go back to the application.',
  state_of_another_browser:
    'This sign-in was begun in another browser, or this one keeps no cookies. Go back to the application and try again.',
};

/** Writes the page of a refusal. It contains nothing that the client has sent. */
function pageOf(error: AuthError, exposeReason: boolean): string {
  const code = toldCode(error, exposeReason);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign-in failed</title></head>
<body><h1>Sign-in failed</h1><p>${ADVICE[code] ?? error.message}</p><p><code>${code}</code></p></body>
</html>
`;
}

/** Whether `Accept` (RFC 9110 section 12.5.1) names `text/html`, as browsers do; programs that accept anything do not. */
function wantsPage({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? '')
    .split(',')
    .some((range) => /^\s*text\/html\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*(;|$)/i.test(range));
}

/** Creates the refusal style of a sign-in: a page for browsers, problem+json for programs, and never a redirect. */
export function signInStyle(respond: Respond | undefined, exposeReason: boolean): RefusalStyle {
  const page: Respond = (error, req, res) => {
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('Vary', 'Accept');
    if (!wantsPage(req)) return sendProblem(error, res, exposeReason);
    res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    res.setHeader('X-Content-Type-Options', 'nosniff');
    return sendRefusal(error, res, { type: 'text/html; charset=utf-8', body: pageOf(error, exposeReason) });
  };
  return { realm: undefined, respond: respond ?? page, exposeReason };
}
