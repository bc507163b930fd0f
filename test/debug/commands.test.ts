import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments } from '../../debug/arguments.ts';
import { type Command } from '../../debug/command.ts';
import { COMMANDS } from '../../debug/commands.ts';

const schemas = readdirSync(join(import.meta.dirname, '../../debug/schemas'));

describe('the commands', () => {
  it('have a schema each, and there is none for nothing', () => {
    const names = Object.keys(COMMANDS).map((name) => `${name}.json`);
    assert.deepEqual([...names].sort(), schemas.sort());
  });

  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    describe(name, () => {
      let command: Command;
      before(async () => {
        ({ command } = await load());
      });

      it('is told of in a line of the list', () => {
        assert.match(summary, /^[\w"].{9,80}[^.]$/);
      });

      it('has an example that its own options take', () => {
        const [, before, words = ''] =
          /^(.*?)\bsluice (\S.*)$/.exec(command.example.replace(/\)$/, '')) ?? [];
        assert.notEqual(before, undefined, command.example);
        const [first, ...args] = words.split(' ');
        assert.equal(first, name);
        const { options, rewrite } = command;
        parseArguments(rewrite?.(args) ?? args, options);
      });

      it('explains itself, and each option, on a screen of 120 columns', () => {
        const { description, options } = command;
        assert.notEqual(description, '');
        for (const line of description.split('\n')) assert.ok(line.length <= 120, line);
        for (const { meaning } of Object.values(options)) assert.notEqual(meaning, '');
      });

      it('leaves the options of all commands alone', () => {
        for (const [option, { short }] of Object.entries(command.options)) {
          assert.ok(!['output', 'help'].includes(option), option);
          assert.ok(short === undefined || !['o', 'h'].includes(short), option);
        }
      });
    });
  }
});
