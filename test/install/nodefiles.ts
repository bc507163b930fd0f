import { ownEntry } from '../../install/entry.ts';
import { netFiles } from '../../install/netdir.ts';
import { type Observed, type Step, type Wanted } from '../../install/observed.ts';

export function wanted(changes: Partial<Wanted> = {}): Wanted {
  const ownList = '0-sluice.conflist';
  return { mode: 'chained', entry: ownEntry(), ownList, kubeconfig: undefined, ...changes };
}

/** A node with these files in its CNI configuration directory, those with a `/` in the name in one below. */
export function observed(
  texts: Readonly<Record<string, string>>,
  changes: Partial<Observed> = {},
): Observed {
  const named = Object.entries(texts).map(([name, text]) => ({ name, text }));
  const below = named.filter(({ name }) => name.includes('/'));
  const networks = [...new Set(below.map(({ name }) => name.split('/')[0] ?? ''))];
  return {
    files: netFiles(named.filter(({ name }) => !name.includes('/'))),
    dropIns: networks.map((network) => ({
      network,
      files: below
        .filter(({ name }) => name.startsWith(`${network}/`))
        .map(({ name, text }) => ({ name: name.slice(network.length + 1), text })),
    })),
    executable: 'right',
    kubeconfig: undefined,
    ...changes,
  };
}

/** As if each step had been taken. */
export function after(found: Observed, steps: readonly Step[]): Observed {
  const inDropIns = found.dropIns.flatMap(({ network, files }) =>
    files.map((file) => ({ ...file, name: `${network}/${file.name}` })),
  );
  const texts = new Map(
    [...found.files, ...inDropIns].map((file) => [file.name, 'text' in file ? file.text : '']),
  );
  let { executable, kubeconfig } = found;
  for (const step of steps) {
    if (step.do === 'install') executable = 'right';
    else if (step.place === 'kubeconfig') kubeconfig = step.do === 'write' ? step.text : undefined;
    else if (step.do === 'remove') texts.delete(step.name);
    else texts.set(step.name, step.text);
  }
  return observed(Object.fromEntries(texts), { executable, kubeconfig });
}

/** A line for each. */
export function brief(steps: readonly Step[]): string[] {
  return steps.map((step) =>
    step.do === 'install'
      ? `install: ${step.cause}`
      : `${step.do} ${step.place === 'kubeconfig' ? 'kubeconfig' : step.name}: ${step.cause}`,
  );
}
