import { isObject } from '../../cni/facts/json.ts';
import { readKubeconfig } from '../../cni/facts/kubeconfig.ts';
import { readOwnEntry } from '../ownentry.ts';
import { fine, type Look } from './outcome.ts';

/** Whether the plugin could ask the API server, where it may, and until when. */
export const lookAtCredential: Look = async ({ place }) => {
  const { config } = await readOwnEntry(place);
  const { apiFallback } = config.settings();
  if (!apiFallback) return fine('none: the plugin asks the agent only');
  const { url, token } = await readKubeconfig(apiFallback.kubeconfig);
  const expiresAt = token === undefined ? undefined : expiryOf(token);
  if (expiresAt === undefined) return fine(`for ${url.host}, without an end`);
  const until = new Date(expiresAt * 1_000).toISOString();
  if (expiresAt * 1_000 > Date.now()) return fine(`for ${url.host}, until ${until}`);
  const next = 'see whether the agent runs: it renews it';
  return { verdict: 'problem', says: `for ${url.host}, expired at ${until}`, next };
};

/** In seconds, as https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 has it; undefined where it has no end that we can read. */
function expiryOf(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
    return isObject(claims) && typeof claims.exp === 'number' ? claims.exp : undefined;
  } catch {
    return undefined; // Not all tokens are such.
  }
}
