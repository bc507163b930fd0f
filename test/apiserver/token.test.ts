import assert from 'node:assert/strict';
import { apiServer } from '../support/apiserver.ts';
import { createToken, startAgent, type TestAgent, until } from '../support/apiserveragent.ts';
import { createPods } from '../support/apiserverpods.ts';
import { createCleanup } from '../support/cleanup.ts';

describe('a token that is rotated', function () {
  this.timeout(120_000);
  const cleanup = createCleanup();
  const server = apiServer(cleanup);
  const inNamespace = '--namespace=sluice-system';
  let agent: TestAgent;
  before(async () => {
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    agent = await startAgent(server(), cleanup);
  });

  /** A token that becomes worthless with its Secret. */
  const boundToken = async (secret: string): Promise<string> => {
    const { kubectl } = server();
    await kubectl(['create', 'secret', 'generic', secret, inNamespace]);
    return kubectl([...createToken, '--bound-object-kind=Secret', `--bound-object-name=${secret}`]);
  };
  const revoke = async (secret: string, token: string): Promise<void> => {
    const { kubectl } = server();
    await kubectl(['delete', 'secret', secret, inNamespace]);
    // The API server remembers for ten seconds whom it has let in.
    await until(
      () =>
        kubectl(['get', 'pods', `--token=${token}`, '--kubeconfig=/dev/null', ...address()]).catch(
          (error: unknown) => String(error),
        ),
      (said) => said.includes('Unauthorized') || said.includes('must be logged in'),
    );
  };
  const address = (): string[] => [
    `--server=https://127.0.0.1:${server().port}`,
    `--certificate-authority=${server().caFile}`,
  ];

  it('is read again when the API server no longer takes the old one', async () => {
    const old = await boundToken('old');
    await agent.giveToken(old);
    await agent.stop();
    agent.start();
    await createPods(server(), ['web-0']);
    await agent.learn('web-0', 'agent/watch');
    await agent.refusal('nowhere-0', /does not know the pod yet/);
    await revoke('old', old);
    await agent.refusal('nowhere-0', /not ready yet.*status 401/);
    assert.equal((await agent.learn('web-0', 'agent/watch')).pod.name, 'web-0');
    await agent.giveToken(`${await server().kubectl(createToken)}\n`);
    await agent.refusal('nowhere-0', /does not know the pod yet/);
  });

  it('serves the watch as well once the connection breaks', async () => {
    await agent.relay.cut();
    await agent.relay.mend();
    await createPods(server(), ['web-1']);
    await agent.learn('web-1', 'agent/watch');
  });
});
