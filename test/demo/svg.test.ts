import assert from 'node:assert/strict';
import { COLOURED } from '../../debug/style.ts';
import { renderSvg } from '../../demo/screens/svg.ts';

describe('renderSvg()', () => {
  it('shows each line, marked as on the terminal', () => {
    const svg = renderSvg(`a ${COLOURED.bad('b & <c>')} d\n${COLOURED.bold(COLOURED.good('e'))}\n`);
    assert.deepEqual(svg.match(/(?<=<text[^>]*>).*(?=<\/text>)/g), [
      '<tspan>a </tspan><tspan class="bad">b &amp; &lt;c&gt;</tspan><tspan> d</tspan>',
      '<tspan class="bold good">e</tspan>',
    ]);
  });

  it('is as wide as the longest line', () => {
    const [narrow, wide] = ['a', 'a'.repeat(100)].map((text) =>
      /width="(\d+)"/.exec(renderSvg(text)),
    );
    assert.deepEqual([narrow?.[1], wide?.[1]], ['32', '804']);
  });
});
