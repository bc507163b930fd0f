/** A piece of a line in one style. */
interface Span {
  readonly text: string;
  readonly classes: readonly string[];
}

/** What `debug/style.ts` uses, by the number that begins it. */
const CLASSES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'bad',
  32: 'good',
  33: 'odd',
};
const ENDS: Readonly<Record<string, readonly string[]>> = {
  0: ['bold', 'dim', 'bad', 'good', 'odd'],
  22: ['bold', 'dim'],
  39: ['bad', 'good', 'odd'],
};

const WIDTH = 7.8;
const HEIGHT = 17;
const STYLE =
  'text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#d4d4d4;white-space:pre}' +
  '.bold{font-weight:bold}.dim{fill:#8b8b8b}.good{fill:#6cc46c}.bad{fill:#f07878}.odd{fill:#e0b050}';

/** A terminal's text as a picture: the same text makes the same picture. */
export function renderSvg(text: string): string {
  const lines = text.trimEnd().split('\n').map(spans);
  const columns = Math.max(...lines.map((line) => line.map((span) => span.text).join('').length));
  const [width, height] = [Math.ceil(columns * WIDTH) + 24, lines.length * HEIGHT + 24];
  const rows = lines.map((line, i) => {
    const inner = line.map(({ text: part, classes }) => {
      const mark = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
      return `<tspan${mark}>${escaped(part)}</tspan>`;
    });
    return `<text x="12" y="${24 + i * HEIGHT}" xml:space="preserve">${inner.join('')}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img">`,
    `<style>${STYLE}</style>`,
    '<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>',
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function spans(line: string): Span[] {
  let classes: string[] = [];
  const parts = line.replaceAll('\r', '').split(/\u001b\[(\d*)m/);
  return parts.flatMap((part, i) => {
    if (i % 2 === 0) return part === '' ? [] : [{ text: part, classes }];
    const begun = CLASSES[part];
    const ended = ENDS[part === '' ? '0' : part] ?? [];
    classes =
      begun === undefined ? classes.filter((each) => !ended.includes(each)) : [...classes, begun];
    return [];
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
