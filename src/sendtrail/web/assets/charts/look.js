// The page's colours and letters for charts, and the patterns by which categories differ without colour.
const style = () => getComputedStyle(document.documentElement);
export const token = (name) => style().getPropertyValue(`--${name}`).trim();

const stripes = (rotation, gap = 5) => ({ symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, gap], rotation });
const dots = { symbol: "circle", symbolSize: 0.55, dashArrayX: [[0, 6], [3, 6]], dashArrayY: [5, 2] };
const patterns = {
  received: stripes(0),
  producing: dots,
  handed_over: stripes(-Math.PI / 4),
  local_delivery: stripes(Math.PI / 4),
  returned: stripes(Math.PI / 2, 3),
  cancelled: stripes(Math.PI / 4, 2),
};

export function fill(category) {
  const decal = patterns[category];
  return { color: token(`s-${category}`), decal: decal ? { color: "rgba(255, 255, 255, 0.28)", ...decal } : { symbol: "none" } };
}

export const letters = (more = {}) => ({ fontFamily: style().fontFamily, color: token("soft"), fontSize: 12, ...more });

export const tooltip = (more) => ({
  backgroundColor: token("raised"),
  borderColor: token("line"),
  padding: [8, 12],
  textStyle: letters({ color: token("ink"), fontSize: 13 }),
  confine: true,
  ...more,
});

export const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

const shown = document.createElement("span");
export function safe(text) {
  shown.textContent = text;
  return shown.innerHTML;
}

export const grid = { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

export const categories = (labels, more = {}) => ({
  type: "category",
  data: labels,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: token("line-strong") } },
  axisLabel: letters({ hideOverlap: true }),
  ...more,
});

export const amounts = () => ({
  type: "value",
  minInterval: 1,
  splitLine: { lineStyle: { color: token("line") } },
  axisLabel: letters({ formatter: number }),
});
