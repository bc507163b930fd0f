import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CommandError } from '../../../debug/command.ts';
import { command } from '../../../debug/simulate/simulate.ts';
import { invoke } from '../invoke.ts';

const json = fc.jsonValue({ maxDepth: 3 });
const words = fc.constantFrom('Pod', 'Job', 'CronJob', 'List', 'PodList', 'Deployment', 'Service');
const podLike = fc.record(
  { name: json, namespace: json, labels: json, annotations: json, generateName: json },
  { requiredKeys: [], noNullPrototype: true },
);
const spec = fc.record(
  {
    containers: json,
    initContainers: json,
    securityContext: json,
    template: json,
    jobTemplate: json,
  },
  { requiredKeys: [], noNullPrototype: true },
);
const object = fc.record(
  { kind: words, metadata: podLike, spec, items: fc.array(json) },
  { requiredKeys: ['kind'], noNullPrototype: true },
);

describe('simulate, given anything', () => {
  const inputs = {
    text: fc.string({ unit: 'binary' }),
    JSON: json.map((value) => JSON.stringify(value)),
    'what looks like an object': object.map((value) => JSON.stringify(value)),
  };
  for (const [what, input] of Object.entries(inputs)) {
    it(`tells what would become of it, or that it is no manifest: ${what}`, async () => {
      await fc.assert(
        fc.asyncProperty(input, fc.boolean(), async (manifest, compares) => {
          const args = ['-f', '-', ...(compares ? ['--against', 'init'] : [])];
          try {
            await invoke(command, args, { stdin: () => manifest });
          } catch (error) {
            assert.ok(error instanceof CommandError, String(error));
            assert.equal(error.exitCode, 2);
          }
        }),
        { numRuns: 200 },
      );
    });
  }
});
