import { type Entry } from './command.ts';

/** All commands, in the order in which the help lists them. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  status: {
    summary: 'whether this node can serve an ADD now',
    load: () => import('./check/status.ts'),
  },
  check: {
    summary: 'what a node must have, looked at one by one; --pre: before the installation',
    load: () => import('./check/check.ts'),
  },
  explain: {
    summary: 'why a pod is redirected as it is, or not at all',
    load: () => import('./explain/explain.ts'),
  },
  simulate: {
    summary: 'what would become of the pods that a manifest makes, offline',
    load: () => import('./simulate/simulate.ts'),
  },
  rules: {
    summary: 'the rules that a pod is to have, one sentence each',
    load: () => import('./rules/rules.ts'),
  },
  diff: {
    summary: "what a pod's netns holds against what it is to hold, in order",
    load: () => import('./diff/diff.ts'),
  },
  trace: {
    summary: "one packet's way through a pod's rules, and what becomes of it",
    load: () => import('./trace/trace.ts'),
  },
  census: {
    summary: 'each pod of this node, expected against actual',
    load: () => import('./census/census.ts'),
  },
  verify: {
    summary: "real packets in a pod's netns, and where they went",
    load: () => import('./verify/verify.ts'),
  },
  validate: {
    summary: 'prove from inside a pod, without privileges, that it is redirected',
    load: () => import('./validate/validate.ts'),
  },
  repair: {
    summary: 'program in the netns of running pods what is missing there',
    load: () => import('./repair/repair.ts'),
  },
  history: {
    summary: 'the last ADDs and repairs of this node, also of pods that are gone',
    load: () => import('./history/history.ts'),
  },
  replay: {
    summary: 'one ADD again, in a netns of its own, compared with the record',
    load: () => import('./replay/replay.ts'),
  },
  uninstall: {
    summary: 'take Sluice off this node, or say how',
    load: () => import('./uninstall.ts'),
  },
  conflist: {
    summary: 'which network configuration the runtime loads, and what is wrong with it',
    load: () => import('./conflist/conflist.ts'),
  },
  host: {
    summary: 'a host outside Kubernetes: redirect it, undo that, look at it',
    load: () => import('./host/host.ts'),
  },
  cni: {
    summary: 'call our plugin, or a whole chain, as a container runtime does',
    load: () => import('./cni/cni.ts'),
  },
  bugreport: {
    summary: 'one archive of all that a bug report needs, without secrets',
    load: () => import('./bugreport/bugreport.ts'),
  },
  completion: {
    summary: 'completion of commands, options and pods, for bash, zsh and fish',
    load: async () => {
      const { completionOf } = await import('./completion/completion.ts');
      return { command: completionOf(COMMANDS) };
    },
  },
};
