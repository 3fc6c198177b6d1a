// How many pieces stood where at the end of each day, stacked to the whole.
import { amounts, categories, fill, grid, letters, number, safe, token, tooltip } from "./look.js";

export const history = ({ labels, series }) => ({
  grid,
  textStyle: letters(),
  tooltip: tooltip({
    trigger: "axis",
    formatter: (points) =>
      `<b>${safe(points[0].name)}</b><br>` +
      points
        .filter(({ value }) => value)
        .map(({ seriesName, value, marker }) => `${marker}${safe(seriesName)} <b>${number(value)}</b>`)
        .reverse()
        .join("<br>"),
  }),
  xAxis: categories(labels, { boundaryGap: false }),
  yAxis: amounts(),
  series: series.map(({ category, name, values }) => ({
    type: "line",
    stack: "all",
    step: false,
    symbol: "none",
    lineStyle: { width: 1, color: token("card") },
    areaStyle: { opacity: 1, ...fill(category) },
    itemStyle: { color: token(`s-${category}`) },
    name,
    data: values,
  })),
});
