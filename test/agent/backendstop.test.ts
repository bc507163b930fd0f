import assert from 'node:assert/strict';
import { chooseBackend, readBackend } from '../../agent/backend.ts';
import { tryBackend } from '../../agent/trial.ts';
import { hanging } from '../install/hanging.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { until } from './until.ts';

describe('chooseBackend() on a node whose tools hang', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  for (const name of [
    'unshare',
    'nsenter',
    'iptables-nft-restore',
    'ip6tables-nft-restore',
    'ip',
  ]) {
    it(`is over once aborted, with all that was started: ${name}`, async () => {
      const { command, running } = hanging();
      const toolsDir = here.tools({ [name]: `${command} & wait` });
      const stop = new AbortController();
      const { signal } = stop;
      const timeoutMs = 600_000;
      const chosen = chooseBackend({
        stateDir: here.stateDir(),
        wanted: 'auto',
        tryBackend: (backend, trial) => tryBackend(backend, trial, { toolsDir, timeoutMs, signal }),
        signal,
      });
      await Promise.all([
        assert.rejects(chosen, { name: 'AbortError' }),
        until(() => running() > 0).then(() => {
          stop.abort();
        }),
      ]);
      await until(() => running() === 0);
      assert.equal(await readBackend(here.stateDir()), undefined);
    });
  }
});
