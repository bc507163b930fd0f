import { type Format } from './arguments.ts';
import { type Report } from './command.ts';
import { type Style } from './style.ts';

/** What a command found, as it was asked for. */
export async function renderReport(
  { value, text }: Report,
  format: Format,
  style: Style,
): Promise<string> {
  switch (format) {
    case 'json':
      // JSON knows the same escapes, and means the same by them.
      return withoutControls(`${JSON.stringify(value, undefined, 2)}\n`);
    case 'yaml': {
      const { stringify } = await import('yaml');
      // Through JSON, which leaves out what is undefined.
      return stringify(JSON.parse(JSON.stringify(value)), { aliasDuplicateObjects: false });
    }
    case 'text':
      return withoutControls(text(style));
  }
}

/** Our own colours, and what else would not be shown but obeyed: controls, and what turns the direction of text. */
const CONTROLS = /\u001b\[(?:1|2|22|31|32|33|39)m|[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** Annotations are written by whoever writes pods; a terminal is not to obey them. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
