import { type Command, ExitCode, type Report, usageError, type Entry } from '../command.ts';
import { SCRIPTS } from './scripts.ts';
import { completionWords } from './words.ts';

export function completionOf(commands: Readonly<Record<string, Entry>>): Command {
  return {
    usage: 'bash|zsh|fish',
    example: 'source <(sluice completion bash)',
    description:
      'A script that lets a shell complete commands, options, namespaces and pods. What it offers comes from the\n' +
      "node's own files: neither the agent nor the API server is asked.",
    options: {},
    offers: Object.keys(SCRIPTS),
    takes: Infinity,
    run: async ({ positionals: [shell = '', ...words] }, { place }) => {
      if (shell === 'words') {
        const found = await completionWords(words, commands, place);
        return report({ words: found }, found === 'files' ? ':files\n' : lines(found));
      }
      const script = isShell(shell) ? SCRIPTS[shell] : undefined;
      if (script !== undefined) return report({ shell, script }, script);
      throw usageError(`cannot complete for "${shell}": wanted ${Object.keys(SCRIPTS).join(', ')}`);
    },
  };
}

function isShell(text: string): text is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, text);
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}

function report(value: unknown, text: string): Report {
  return { exitCode: ExitCode.fine, value, text: () => text };
}
