import { KubeConfig } from '@kubernetes/client-node';

/** Where the API server is and who we are: a kubeconfig, or what kubelet gives each pod. */
export type ApiAccess =
  | { readonly kubeconfig: string }
  | { readonly host: string; readonly port: string; readonly serviceAccountDir: string };

/**
 * Reads how to reach the API server. Proxies of the environment are not used.
 *
 * Not the library's `loadFromDefault`, which would take whatever `$HOME` holds, and ends at localhost:8080.
 *
 * @throws {Error} from the file system, or for what is no kubeconfig
 */
export function loadKubeConfig(access: ApiAccess): KubeConfig {
  const config = new KubeConfig();
  if ('kubeconfig' in access) {
    config.loadFromFile(access.kubeconfig);
    return config;
  }
  const { host, port, serviceAccountDir } = access;
  config.loadFromClusterAndUser(
    {
      name: 'in-cluster',
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      caFile: `${serviceAccountDir}/ca.crt`,
      skipTLSVerify: false,
    },
    {
      name: 'service-account',
      authProvider: {
        name: 'tokenFile',
        config: { tokenFile: `${serviceAccountDir}/token` },
      },
    },
  );
  return config;
}
