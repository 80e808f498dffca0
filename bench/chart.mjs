const WIDTH = 820;
const PADDING = 24;
const ROW = 26;
const NAME_WIDTH = 190;

/** A card of its own, so that it can be read whatever is around it; dark where the reader prefers that. */
const STYLE = `
  .card { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .faint { fill: #59636e }
  .bar { fill: #8c959f } .ours { fill: #0969da } .line { stroke: #0969da } .grid { stroke: #d0d7de }
  @media (prefers-color-scheme: dark) {
    .card { fill: #151b23; stroke: #3d444d } .text { fill: #f0f6fc } .faint { fill: #9198a1 }
    .bar { fill: #656c76 } .ours { fill: #4493f8 } .line { stroke: #4493f8 } .grid { stroke: #3d444d }
  }
  text { font: 13px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 } .end { text-anchor: end }`;

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);

function text(x, y, content, classes = 'text') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${classes}">${escaped(content)}</text>`;
}

function card(title, height, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text(PADDING, 34, title, 'text title'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bar({ name, value, text: label, isOurs }, { y, width, most }) {
  const from = PADDING + NAME_WIDTH;
  const length = Math.max(1, ((width - NAME_WIDTH - 60) * value) / most);
  return [
    text(from - 10, y + 14, name, 'text end'),
    `<rect class="${isOurs ? 'ours' : 'bar'}" x="${from}" y="${y}" width="${length.toFixed(1)}" height="${ROW - 8}" rx="3"/>`,
    text(from + length + 8, y + 14, label, 'faint'),
  ];
}

/** Panels of horizontal bars, one below the other. */
export function barChart(title, panels) {
  const parts = [];
  let y = 52;
  for (const { title: panelTitle, bars } of panels) {
    const most = Math.max(...bars.map(({ value }) => value));
    parts.push(text(PADDING, y + 14, panelTitle, 'faint'));
    y += ROW;
    for (const one of bars) {
      parts.push(...bar(one, { y, width: WIDTH - 2 * PADDING, most }));
      y += ROW;
    }
    y += 12;
  }
  return card(title, y + 8, parts);
}

/** One line over numbers, from zero up. */
export function lineChart(title, points) {
  const height = 300;
  const [left, right, top, bottom] = [PADDING + 50, WIDTH - PADDING - 20, 60, height - 44];
  const mostX = Math.max(...points.map(({ x }) => x));
  const mostY = Math.max(...points.map(({ y }) => y)) * 1.15;
  const at = ({ x, y }) => [left + ((right - left) * x) / mostX, bottom - ((bottom - top) * y) / mostY];
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const y = bottom - (bottom - top) * share;
    return [
      `<line class="grid" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>`,
      text(left - 8, y + 4, (mostY * share).toFixed(0), 'faint end'),
    ];
  });
  const ticks = points.filter((_, index) => index % 2 === 0);
  return card(title, height, [
    ...grid,
    ...ticks.map((point) => text(at(point)[0] + 24, bottom + 22, point.x.toLocaleString('en-US'), 'faint end')),
    `<polyline class="line" fill="none" stroke-width="2.5" points="${points
      .map((point) =>
        at(point)
          .map((value) => value.toFixed(1))
          .join(','),
      )
      .join(' ')}"/>`,
  ]);
}
