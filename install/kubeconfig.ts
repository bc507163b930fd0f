/** Who the plugin is to the API server, where `apiFallback` is on. */
export interface Credential {
  readonly server: string;
  /** In the volume that kubelet renews. */
  readonly caFile: string;
  readonly tokenFile: string;
}

/**
 * A kubeconfig with all that it needs in it, because the node has none of the agent's volumes. As JSON, which is YAML
 * too: so the plugin reads it without a package.
 */
export function renderKubeconfig(
  server: string,
  { ca, token }: { readonly ca: string; readonly token: string },
): string {
  const name = 'sluice';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name, user: { token: token.trim() } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** `10.96.0.1` and `443`, or `fd00::1` and `443`, as every container is told. */
export function serverUrl(host: string, port: string): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
