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
      return `${JSON.stringify(value, undefined, 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      // Through JSON, which leaves out what is undefined.
      return stringify(JSON.parse(JSON.stringify(value)), { aliasDuplicateObjects: false });
    }
    case 'text':
      return text(style);
  }
}
