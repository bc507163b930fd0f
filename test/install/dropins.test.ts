import assert from 'node:assert/strict';
import { dropInObstacle } from '../../install/dropins.ts';

describe('dropInObstacle()', () => {
  for (const runtime of ['containerd://2.1.0', 'containerd://v2.4.2', 'containerd://10.0.1']) {
    it(`is none with ${runtime}`, () => {
      assert.equal(dropInObstacle(runtime), undefined);
    });
  }

  for (const runtime of [
    'containerd://1.6.20~ds1',
    'containerd://1.7.28',
    'containerd://2.0.7',
    'cri-o://1.34.0',
    'containerd://unknown',
    '',
  ]) {
    it(`names the runtime "${runtime}", and what is wanted`, () => {
      const wanted = 'wanted containerd 2.1 or later';
      assert.equal(
        dropInObstacle(runtime),
        `the runtime "${runtime}" is not known to load plugins from a directory: ${wanted}`,
      );
    });
  }
});
