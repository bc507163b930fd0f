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
const own = `${process.execPath} ${join(import.meta.dirname, '../../../debug/main.ts')}`;

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
    ['simulate -n ', ['default', 'shop']],
    ['simulate --namespace sh', ['shop']],
    ['simulate -f web.yaml --exclude-namespace ', ['default', 'shop']],
    ['cni add --pod shop', ['shop/cart']],
    ['cni add --ifname ', []],
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

  /** What a shell is to run: what it offers behind each of these lines, one line each. */
  const scripts: Readonly<Record<keyof typeof SCRIPTS, (lines: readonly string[]) => string>> = {
    bash: (lines) => {
      const complete = (line: string): string =>
        `COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length} COMP_WORDS=(${line}) COMP_CWORD=1; _sluice; echo "\${COMPREPLY[@]}"`;
      return [`sluice() { ${own} "$@"; }`, SCRIPTS.bash, ...lines.map(complete)].join('\n');
    },
    zsh: (lines) => {
      const complete = (line: string): string => {
        const words = line.split(' ').map((word) => JSON.stringify(word));
        return `words=(${words.join(' ')}); CURRENT=${words.length}; _sluice`;
      };
      // They are zsh's own only while somebody types.
      const theirs = 'compdef() {}; compadd() { shift; print -r -- "$@" }';
      const parts = [theirs, `sluice() { ${own} "$@" }`, SCRIPTS.zsh, ...lines.map(complete)];
      return parts.join('\n');
    },
    fish: (lines) => {
      const complete = (line: string): string => `echo (complete -C ${JSON.stringify(line)})`;
      const ours = `function sluice; ${own} $argv; end`;
      return [ours, SCRIPTS.fish, ...lines.map(complete)].join('\n');
    },
  };

  /** Nothing of whoever runs the tests is read. */
  const bare = { bash: '--norc', zsh: '-f', fish: '--no-config' } as const;
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    it(`offers the same in ${shell} itself`, async function () {
      const { failed } = await execa(shell, [bare[shell], '-c', 'true'], { reject: false });
      if (failed) {
        process.stderr.write(`    skipped: needs ${shell}\n`);
        this.skip();
      }
      const lines = ['explain default/', 'expl', 'explain -o ', 'simulate -n '];
      const script = scripts[shell](lines.map((line) => `sluice ${line}`));
      const { stdout } = await execa(shell, [bare[shell], '-c', script], {
        env: { SLUICE_STATE_DIR: node.path() },
      });
      assert.deepEqual(stdout.split('\n'), [
        'default/web-0 default/web-1',
        'explain',
        'text json yaml',
        'default shop',
      ]);
    });
  }
});
