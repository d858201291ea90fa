/** A picture of counts over time, as SVG: one line a series, and where something failed. Pure, and the same for the same figures. */

export interface Series {
  readonly name: string;
  /** One for each second. */
  readonly values: readonly number[];
}

export interface TimelinePicture {
  readonly title: string;
  readonly series: readonly Series[];
  /** Errors in each second. */
  readonly errors: readonly number[];
}

const width = 860;
const plot = { left: 56, top: 44, width: 780, height: 260 } as const;
const rowHeight = 18;
/** Told apart with any sight: Okabe and Ito's colours, without yellow. */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#000000'];
/** When colours come again, lines are broken otherwise. */
const dashes = ['none', '6 3', '2 3', '8 3 2 3'];
const wrong = '#c00000';

export function timelineSvg(picture: TimelinePicture): string {
  const { title, series, errors } = picture;
  const seconds = Math.max(1, errors.length, ...series.map(({ values }) => values.length));
  const most = niceTop(Math.max(1, ...series.flatMap(({ values }) => values)));
  const legend = [...series.map(({ name }) => name), ...(errors.some(Boolean) ? ['errors'] : [])];
  const height = plot.top + plot.height + 44 + rowHeight * Math.ceil(legend.length / legendColumns) + 8;
  const scale = { x: plot.width / seconds, y: plot.height / most };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${plot.left}" y="24" font-size="14">${escaped(title)}</text>`,
    ...yAxis(most, scale.y),
    ...xAxis(seconds, scale.x),
    ...errors.flatMap((count, index) => (count > 0 ? [errorMark(index, count, scale.x)] : [])),
    ...series.map((one, index) => line(one, index, scale)),
    ...legend.map((name, index) => legendEntry(name, index, series.length)),
    '</svg>',
    '',
  ].join('\n');
}

const bottom = plot.top + plot.height;
const at = (value: number) => String(Math.round(value * 10) / 10);

/** The next of 1, 2, 5, 10, 20 … */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value) ?? value;
}

function yAxis(most: number, perUnit: number): string[] {
  const steps = most < 4 ? most : most % 4 === 0 ? 4 : 5;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const value = (most * step) / steps;
    const y = bottom - value * perUnit;
    return `<path d="M${plot.left} ${at(y)}h${plot.width}" stroke="#dddddd"/><text x="${plot.left - 8}" y="${at(y + 4)}" text-anchor="end">${at(value)}</text>`;
  });
}

function xAxis(seconds: number, perSecond: number): string[] {
  const step = Math.max(1, niceTop(seconds / 10));
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return marks.map((second) => {
    const x = plot.left + second * perSecond;
    return `<path d="M${at(x)} ${bottom}v5" stroke="#666666"/><text x="${at(x)}" y="${bottom + 20}" text-anchor="middle">${second} s</text>`;
  });
}

/** A value holds at the end of its second. */
function line({ values }: Series, index: number, scale: { x: number; y: number }): string {
  const points = values.map(
    (value, second) => `${at(plot.left + (second + 1) * scale.x)},${at(bottom - value * scale.y)}`,
  );
  const [colour, dash] = styleOf(index);
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
}

const styleOf = (index: number): readonly [string, string] => [
  colours[index % colours.length] ?? wrong,
  dashes[Math.floor(index / colours.length) % dashes.length] ?? 'none',
];

const errorMark = (second: number, count: number, perSecond: number) =>
  `<rect x="${at(plot.left + second * perSecond)}" y="${plot.top}" width="${at(Math.max(1, perSecond))}" height="${plot.height}" fill="${wrong}" fill-opacity="0.15"><title>${count} error${count === 1 ? '' : 's'} in second ${second + 1}</title></rect>`;

const legendColumns = 5;

function legendEntry(name: string, index: number, series: number): string {
  const x = plot.left + (index % legendColumns) * (plot.width / legendColumns);
  const y = bottom + 44 + Math.floor(index / legendColumns) * rowHeight;
  const [colour, dash] = index < series ? styleOf(index) : [wrong, 'none'];
  return `<path d="M${at(x)} ${y - 4}h22" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${at(x + 28)}" y="${y}">${escaped(name)}</text>`;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
