import assert from 'node:assert/strict';
import { apiServer } from '../support/apiserver.ts';
import { untilRightsCount } from '../support/apiserverrights.ts';
import { createCleanup } from '../support/cleanup.ts';

interface Rule {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

const agent = 'system:serviceaccount:sluice-system:sluice-agent';
const nobody = 'system:serviceaccount:sluice-system:nobody';

describe('rights of the service account of the agent', function () {
  this.timeout(120_000);
  const server = apiServer(createCleanup());
  const rules = async (user: string, namespace: string): Promise<readonly Rule[]> => {
    const review = { apiVersion: 'authorization.k8s.io/v1', spec: { namespace } };
    const { kubectl } = server();
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const groups = ['system:authenticated', 'system:serviceaccounts'];
    const answer = await kubectl(
      [
        'create',
        '--raw',
        path,
        '-f',
        '-',
        `--as=${user}`,
        ...groups.map((each) => `--as-group=${each}`),
      ],
      JSON.stringify({ ...review, kind: 'SelfSubjectRulesReview' }),
    );
    return (JSON.parse(answer) as { readonly status: { readonly resourceRules: Rule[] } }).status
      .resourceRules;
  };
  before(async () => {
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    await untilRightsCount(server());
  });

  const own: Readonly<Record<string, readonly string[]>> = {
    default: ['create,patch events', 'list,watch,get pods'],
    'sluice-system': [
      'create,patch events',
      'get namespaces sluice-system',
      'get,watch daemonsets sluice-agent',
      'list,watch,get pods',
    ],
  };
  for (const [namespace, expected] of Object.entries(own)) {
    it(`are these and no others in namespace ${namespace}`, async () => {
      const ofAll = (await rules(nobody, namespace)).map(render);
      const ofAgent = (await rules(agent, namespace)).map(render);
      assert.deepEqual(ofAgent.filter((rule) => !ofAll.includes(rule)).sort(), expected);
    });
  }

  const questions: readonly (readonly [string, string])[] = [
    ['list pods --all-namespaces', 'yes'],
    ['watch pods --all-namespaces', 'yes'],
    ['get pods --namespace=default', 'yes'],
    ['get pods --subresource=log --namespace=default', 'no'],
    ['create pods --subresource=exec --namespace=default', 'no'],
    ['delete pods --namespace=default', 'no'],
    ['patch pods --subresource=status --namespace=default', 'no'],
    ['create pods --subresource=eviction --namespace=default', 'no'],
    ['create events --namespace=default', 'yes'],
    ['patch nodes', 'no'],
    ['get secrets --namespace=sluice-system', 'no'],
    ['list nodes', 'no'],
    ['get daemonsets/sluice-agent --namespace=sluice-system', 'yes'],
    ['watch daemonsets/sluice-agent --namespace=sluice-system', 'yes'],
    ['get daemonsets/another --namespace=sluice-system', 'no'],
    ['get namespaces/sluice-system', 'no'], // kubectl asks as if for all; the API server knows better
    ['get namespaces/default', 'no'],
    ['list daemonsets --namespace=sluice-system', 'no'],
    ['get daemonsets/sluice-agent --namespace=default', 'no'],
  ];
  for (const [question, answer] of questions) {
    it(`${answer}: ${question}`, async () => {
      const { kubectl } = server();
      const said = await kubectl(['auth', 'can-i', ...question.split(' '), `--as=${agent}`]).catch(
        // It ends with 1 where the answer is no.
        (error: unknown) => (error as { readonly stdout: string }).stdout,
      );
      assert.equal(said, answer);
    });
  }
});

function render({ verbs, resources, resourceNames = [] }: Rule): string {
  return [verbs.join(), resources.join(), ...resourceNames].join(' ');
}
