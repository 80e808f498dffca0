import { Agent } from 'node:http';

/** An outbound proxy: its URL, or an agent of the application's own that connects through one. */
export type OutboundProxy = URL | Agent;

/** Fails if the package that tunnels through proxies is not installed. It is loaded only where it is used. */
async function loadProxyAgent() {
  try {
    return (await import('https-proxy-agent')).HttpsProxyAgent;
  } catch (cause) {
    throw new Error('a proxy needs the package https-proxy-agent: npm install https-proxy-agent', { cause });
  }
}

/**
 * Returns the agent for one request through a proxy. Requests are tunnelled with `CONNECT`, so the proxy sees the host
 * and nothing of the request. `signal` ends a tunnel that the proxy never opens.
 */
export async function proxyAgent(proxy: OutboundProxy, signal: AbortSignal): Promise<Agent> {
  if (proxy instanceof Agent) return proxy;
  const HttpsProxyAgent = await loadProxyAgent();
  return new HttpsProxyAgent(proxy, { signal });
}
