import { ConfigurationError } from '../../../errors/configuration-error.js';
import { type PresetFacts, required, requiredList } from './preset.js';

/** Own options of the preset {@link azureEasyAuth}. */
export interface AzureEasyAuthOptions {
  /** Id of the tenant. */
  tenant: string;
  /** Client id of the application, or several. */
  clientId: string | readonly string[];
}

/**
 * Facts about authentication in Azure App Service and Container Apps with Entra and the token store: the ID token is
 * the only signed header. `oid` identifies the person; addresses are not verified there, so they never link accounts.
 */
export function azureEasyAuth({ tenant, clientId }: AzureEasyAuthOptions): PresetFacts {
  const id = required('azureEasyAuth.tenant', tenant);
  if (!/^[\w-]+$/.test(id) || ['common', 'organizations', 'consumers'].includes(id))
    throw new ConfigurationError('azureEasyAuth.tenant', 'expects the id of one tenant, as it stands in the tokens');
  return {
    header: 'x-ms-token-aad-id-token',
    siblings: [
      'x-ms-client-principal*',
      'x-ms-token-aad-access-token',
      'x-ms-token-aad-expires-on',
      'x-ms-token-aad-refresh-token',
    ],
    issuer: `https://login.microsoftonline.com/${id}/v2.0`,
    audience: requiredList('azureEasyAuth.clientId', clientId),
    algorithms: ['RS256'],
    jwksUri: `https://login.microsoftonline.com/${id}/discovery/v2.0/keys`,
    claims: { subject: 'oid' },
    claimValues: { tid: id },
  };
}
