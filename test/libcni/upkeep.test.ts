import assert from 'node:assert/strict';
import { cniNode } from '../support/cninode.ts';
import { type Ran, succeeded } from '../support/cnitool.ts';

/** libcni calls the plugins for it from 1.1.0 on. */
const reach = { '1.0.0': false, '1.1.0': true } as const;

for (const cniVersion of ['1.0.0', '1.1.0'] as const) {
  describe(`cnitool with a chain of ${cniVersion}`, () => {
    const { pod: makePod, cnitool, record, forget } = cniNode({ cniVersion });
    const onlyThen = (verb: string): string[] => (reach[cniVersion] ? [verb] : []);

    it('finds the node ready by STATUS', async () => {
      const ran = succeeded(await cnitool('status', await makePod()));
      assert.deepEqual([verbs(ran), ran.stdout], [onlyThen('STATUS'), '']);
    });

    it('deletes by GC what it remembers, and the record goes with it', async () => {
      const pod = await makePod();
      succeeded(await cnitool('add', pod));
      assert.equal(record(pod)?.outcome, 'redirected');
      const ran = succeeded(await cnitool('gc', pod));
      assert.deepEqual(verbs(ran), ['DEL', ...onlyThen('GC')]);
      assert.equal(record(pod), undefined);
    });

    it('leaves the record by a GC without a list', async () => {
      const pod = await makePod();
      succeeded(await cnitool('add', pod));
      await forget();
      const ran = succeeded(await cnitool('gc', pod));
      assert.deepEqual(verbs(ran), onlyThen('GC'));
      const keys = ran.received.flatMap(({ config }) => Object.keys(config));
      assert.deepEqual(
        keys.filter((key) => key.startsWith('cni.dev/')),
        [],
      );
      assert.equal(record(pod)?.outcome, 'redirected');
    });
  });
}

function verbs({ received }: Ran): string[] {
  return received.map(({ verb }) => verb);
}
