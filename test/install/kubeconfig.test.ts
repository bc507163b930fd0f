import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKubeconfig } from '../../cni/facts/kubeconfig.ts';
import { renderKubeconfig, serverUrl } from '../../install/kubeconfig.ts';

describe('renderKubeconfig()', () => {
  it('is read by the plugin, with nothing beside it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-kubeconfig-'));
    try {
      const ca = '-----BEGIN CERTIFICATE-----\nä\n-----END CERTIFICATE-----\n';
      const text = renderKubeconfig('https://10.96.0.1:443', { ca, token: 'abc"\\\n' });
      writeFileSync(join(directory, 'kubeconfig'), text);
      const {
        url,
        token,
        ca: found,
        skipTlsVerify,
      } = await readKubeconfig(join(directory, 'kubeconfig'));
      assert.deepEqual(
        [url.href, token, found?.toString(), skipTlsVerify],
        ['https://10.96.0.1/', 'abc"\\', ca, false],
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('serverUrl()', () => {
  for (const [host, port, url] of [
    ['10.96.0.1', '443', 'https://10.96.0.1:443'],
    ['fd00::1', '6443', 'https://[fd00::1]:6443'],
    ['api.example.com', '443', 'https://api.example.com:443'],
  ] as const) {
    it(`${host} and ${port} make ${url}`, () => {
      assert.equal(serverUrl(host, port), url);
    });
  }
});
