import assert from 'node:assert/strict';
import { command } from '../../../debug/rules/rules.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

describe('sluice rules', () => {
  const state = nodeState({
    records: [
      addOf({ name: 'web-0' }),
      addOf({ name: 'plain', annotations: { 'sidecar.istio.io/inject': 'false' } }),
    ],
  });
  const rules = (...args: string[]): ReturnType<typeof invoke> =>
    invoke(command, args, { place: { stateDir: state.path() } });

  it('tells each rule in its order, with a sentence', async () => {
    const { exitCode, text } = await rules('default/web-0');
    assert.equal(exitCode, 0);
    const lines = text.split('\n').filter((line) => /^ {2}\d|^nat/.test(line));
    assert.deepEqual(
      lines.slice(0, 2).map((line) => line.split(/ {2,}/)),
      [
        ['nat PREROUTING'],
        [
          '',
          '1',
          'All inbound TCP is looked at by the rules of ISTIO_INBOUND',
          '-p tcp -j ISTIO_INBOUND',
        ],
      ],
    );
  });

  it('says why a pod has none', async () => {
    const { exitCode, text } = await rules('plain');
    assert.equal(exitCode, 0);
    assert.equal(text, 'default/plain is to have no rules: injection-disabled\n');
  });

  it('says which pods there are instead of one that is not', async () => {
    await assert.rejects(rules('default/web-1'), /did you mean "default\/web-0"/);
  });
});
