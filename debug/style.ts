import { styleText } from 'node:util';

type Paint = (text: string) => string;

/** Marks text for people; on anything but a terminal nothing is marked. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly odd: Paint;
}

const same: Paint = (text) => text;
export const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same };

export const COLOURED: Style = {
  bold: painted('bold'),
  dim: painted('dim'),
  good: painted('green'),
  bad: painted('red'),
  odd: painted('yellow'),
};

function painted(format: Parameters<typeof styleText>[0]): Paint {
  return (text) => (text === '' ? '' : styleText(format, text, { validateStream: false }));
}
