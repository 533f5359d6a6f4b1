// Draws one plot of latencies over something that grows: both axes logarithmic, so that what is flat looks flat and what is linear rises
// by one decade per decade.

const WIDTH = 760;
const HEIGHT = 420;
const FRAME = { left: 64, right: 232, top: 44, bottom: 52 };
/** Told apart by people who do not see red or green as well (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** @param series `{ label, points: [x, milliseconds][] }[]`, points ascending */
export function drawGrowth({ title, axis, series }) {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = series.flatMap(({ points }) => points.map(([, y]) => Math.max(y, 1e-3)));
  const x = scale(decades(xs), FRAME.left, WIDTH - FRAME.right);
  const y = scale(decades(ys), HEIGHT - FRAME.bottom, FRAME.top);
  const right = WIDTH - FRAME.right;
  const bottom = HEIGHT - FRAME.bottom;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${FRAME.left}" y="24" font-size="16" font-weight="600">${escaped(title)}</text>`,
    ...x.ticks.map((tick) => `<path d="M${at(x(tick))} ${FRAME.top}V${bottom}" stroke="#e5e5e5"/><text x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${count(tick)}</text>`),
    ...y.ticks.map((tick) => `<path d="M${FRAME.left} ${at(y(tick))}H${right}" stroke="#e5e5e5"/><text x="${FRAME.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${tick} ms</text>`),
    `<text x="${at((FRAME.left + right) / 2)}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(axis)}</text>`,
    ...series.flatMap(({ points }, i) => drawLine(points, x, y, COLOURS[i % COLOURS.length])),
    ...drawLegend(series, right + 16),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function drawLine(points, x, y, colour) {
  const placed = points.map(([px, py]) => [at(x(px)), at(y(Math.max(py, 1e-3)))]);
  return [
    `<path d="M${placed.map((place) => place.join(" ")).join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...placed.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
  ];
}

/** With the last value of each line. */
function drawLegend(series, left) {
  return series.flatMap(({ label, points }, i) => {
    const top = FRAME.top + 8 + i * 34;
    const colour = COLOURS[i % COLOURS.length];
    const last = points.at(-1)?.[1] ?? 0;
    return [
      `<path d="M${left} ${top}h18" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${left + 24}" y="${top + 4}">${escaped(label)}</text>`,
      `<text x="${left + 24}" y="${top + 18}" fill="#666666">${last} ms</text>`,
    ];
  });
}

/** Powers of ten that enclose the values. */
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
}

function scale(ticks, from, to) {
  const low = Math.log10(ticks[0]);
  const high = Math.log10(ticks.at(-1));
  return Object.assign((value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from), { ticks });
}

function count(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}

function at(value) {
  return Math.round(value * 10) / 10;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
