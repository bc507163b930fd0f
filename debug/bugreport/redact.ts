import { isJsonObject, type JsonObject } from '../../cni/spec/json.ts';
import { CONTAINERS, redactedAnnotations, VARIABLES } from '../../cni/redact.ts';

export const REDACTED = '[redacted]';

/** Takes secrets out of the text of a file. */
export type Redact = (text: string) => string;

/** `apiToken`, `client-key-data`, `AWS_SECRET_ACCESS_KEY` */
const SECRET_NAME =
  /pass(?:word|wd|phrase)|secret|token|credential|authorization|cookie|api[-_]?key|private[-_]?key|client-key|client-certificate-data/i;

type Replace = (text: string) => string;

function replacing(pattern: RegExp, instead: string): Replace {
  return (text) => text.replace(pattern, instead);
}

const VALUE = String.raw`"(?:\\.|[^"\\])*"|'[^']*'|[^\s"',;&}]+`;
/** `token: x`, `password=x`, `"secret":"x"` */
const ASSIGNED = new RegExp(
  `(["']?[\\w.-]*(?:${SECRET_NAME.source})[\\w.-]*["']?\\s*[:=]\\s*)(${VALUE})`,
  'gi',
);
/** `--db-password x` */
const OPTION = new RegExp(`(--?[\\w-]*(?:${SECRET_NAME.source})[\\w-]*\\s+)(${VALUE})`, 'gi');

const REPLACES: readonly Replace[] = [
  replacing(
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    REDACTED,
  ),
  // The end of one whose beginning was cut off.
  replacing(/^[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----/, REDACTED),
  // A JSON web token, such as a service account's.
  replacing(/\beyJ[\w-]{6,}\.[\w-]{6,}(\.[\w-]*)?/g, REDACTED),
  replacing(/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`),
  replacing(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${REDACTED}@`),
  replacing(/\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bxox[baprs]-[\w-]{10,}/g, REDACTED),
  (text) => text.replace(ASSIGNED, hidden).replace(OPTION, hidden),
];

/** In the quotes of the value, so that JSON stays JSON. */
function hidden(_all: string, name: string, value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${name}${quote}${REDACTED}${quote}`;
}

/**
 * Redacts JSON by what its keys mean, and any other text by what secrets look like; then, wherever they still are, the
 * secrets that are known.
 */
export function createRedact(known: readonly string[]): Redact {
  const secrets = known.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  const redactPlain: Redact = (text) => {
    const plain = REPLACES.reduce((all, replace) => replace(all), text);
    return secrets.reduce((all, secret) => all.replaceAll(secret, REDACTED), plain);
  };
  const redact: Redact = (text) => redactJson(text, redact) ?? redactPlain(text);
  return (text) => redactJson(text, redact) ?? redactPlain(redactLines(text, redact));
}

/** Lines of JSON among others, as logs have them. */
function redactLines(text: string, redact: Redact): string {
  return text
    .split('\n')
    .map((line) => redactJson(line, redact) ?? line)
    .join('\n');
}

/** Undefined for what is no JSON. Its texts may hold JSON again. */
function redactJson(text: string, redact: Redact): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const space = text.trimEnd().includes('\n') ? 2 : undefined;
    return JSON.stringify(redactedValue(JSON.parse(text) as unknown, '', redact), undefined, space);
  } catch {
    return undefined;
  }
}

function redactedValue(value: unknown, key: string, redact: Redact): unknown {
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, key, redact));
  if (typeof value === 'string') return isSecret(key) ? REDACTED : redact(value);
  if (!isJsonObject(value)) return value;
  const shown = /annotations$/i.test(key) ? redactedTexts(value) : redactedContainer(value);
  const entries = Object.entries(shown).map(([name, item]) => [
    redact(name),
    redactedValue(item, name, redact),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

function isSecret(key: string): boolean {
  return SECRET_NAME.test(key);
}

/** Annotations of others can hold anything; that they are there can be told. */
function redactedTexts(annotations: JsonObject): JsonObject {
  const texts = Object.entries(annotations).map(([key, value]) => [key, String(value)] as const);
  const kept = redactedAnnotations(Object.fromEntries(texts));
  return Object.fromEntries(texts.map(([key]) => [key, kept[key] ?? REDACTED]));
}

/** Of what looks like a container, the arguments and variables that a decision does not read. */
function redactedContainer(value: JsonObject): JsonObject {
  const { name, args, env } = value;
  const isKnown = typeof name === 'string' && CONTAINERS.includes(name);
  return {
    ...value,
    ...(Array.isArray(args) && !isKnown && { args: args.map(() => REDACTED) }),
    ...(Array.isArray(env) && { env: env.map(redactedVariable) }),
  };
}

function redactedVariable(variable: unknown): unknown {
  if (!isJsonObject(variable) || !('value' in variable)) return variable;
  const { name } = variable;
  return typeof name === 'string' && VARIABLES.includes(name)
    ? variable
    : { ...variable, value: REDACTED };
}
