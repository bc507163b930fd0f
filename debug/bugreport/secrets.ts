import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Io } from '../command.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The secrets that this process and the plugin's kubeconfig hold, to be found wherever they turn up. */
export async function knownSecrets({ env, place }: Pick<Io, 'env' | 'place'>): Promise<string[]> {
  const directory = env.SLUICE_SERVICE_ACCOUNT_DIR ?? SERVICE_ACCOUNT;
  const files = [
    join(directory, 'token'),
    join(place.stateDir, 'kubeconfig'),
    env.SLUICE_KUBECONFIG ?? '',
  ];
  const [token = '', ...kubeconfigs] = await Promise.all(files.map(textOf));
  const variables = Object.entries(env).flatMap(([name, value = '']) =>
    /pass|secret|token|key|credential/i.test(name) && !value.startsWith('/') ? [value] : [],
  );
  const values = kubeconfigs.flatMap((text) =>
    [...text.matchAll(/^\s*"?(?:token|password|client-key-data)"?\s*:\s*"?([^\s",]+)/gm)].map(
      ([, value = '']) => value,
    ),
  );
  return [token.trim(), ...variables, ...values].filter(Boolean);
}

async function textOf(path: string): Promise<string> {
  return path === '' ? '' : readFile(path, 'utf8').catch(() => '');
}
