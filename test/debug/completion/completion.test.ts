import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { COMMANDS } from '../../../debug/commands.ts';
import { completionOf } from '../../../debug/completion/completion.ts';
import { SCRIPTS } from '../../../debug/completion/scripts.ts';
import { completionWords } from '../../../debug/completion/words.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

const pods = ['default/web-0', 'default/web-1', 'shop/cart'];
const main = join(import.meta.dirname, '../../../debug/main.ts');

describe('completion', () => {
  const node = nodeState({
    records: [addOf({ name: 'web-0' }), addOf({ namespace: 'shop', name: 'cart', uid: 'u3' })],
    facts: [{ name: 'web-1', uid: 'u2' }],
  });
  const cases: readonly [line: string, words: readonly string[] | 'files'][] = [
    ['exp', ['explain']],
    ['help comp', ['completion']],
    ['explain ', pods],
    ['explain default/web-', ['default/web-0', 'default/web-1']],
    ['explain -o json shop', ['shop/cart']],
    ['explain shop/cart ', []],
    ['explain --output ', ['text', 'json', 'yaml']],
    ['explain -o y', ['yaml']],
    ['simulate --ag', ['--against']],
    ['simulate --against ', ['init']],
    ['simulate -f ', 'files'],
    ['simulate -n ', []],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['nonsense ', []],
  ];
  for (const [line, words] of cases) {
    it(`offers ${String(words) || 'nothing'} behind "${line}"`, async () => {
      const found = await completionWords(line.split(' '), COMMANDS, { stateDir: node.path() });
      assert.deepEqual(found, words);
    });
  }

  it('has a script for each shell that it names, and for no other', async () => {
    const command = completionOf(COMMANDS);
    for (const [shell, script] of Object.entries(SCRIPTS)) {
      assert.equal((await invoke(command, [shell])).text, script);
    }
    await assert.rejects(invoke(command, ['tcsh']), { exitCode: 2 });
  });

  it('offers the same in bash itself', async () => {
    const complete = (line: string): string =>
      `COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length} COMP_WORDS=(${line}) COMP_CWORD=1; _sluice; echo "\${COMPREPLY[@]}"`;
    const script = [
      `sluice() { ${process.execPath} ${main} "$@"; }`,
      SCRIPTS.bash,
      complete('sluice explain default/'),
      complete('sluice expl'),
      complete('sluice explain -o '),
    ];
    const { stdout } = await execa('bash', ['-ec', script.join('\n')], {
      env: { SLUICE_STATE_DIR: node.path() },
    });
    assert.deepEqual(stdout.split('\n'), [
      'default/web-0 default/web-1',
      'explain',
      'text json yaml',
    ]);
  });

  for (const shell of ['zsh', 'fish'] as const) {
    it(`is nothing that ${shell} stumbles over`, async function () {
      const { failed } = await execa(shell, ['-c', 'true'], { reject: false });
      if (failed) {
        process.stderr.write(`    skipped: needs ${shell}\n`);
        this.skip();
      }
      await execa(shell, ['-n'], { input: SCRIPTS[shell] });
    });
  }
});
