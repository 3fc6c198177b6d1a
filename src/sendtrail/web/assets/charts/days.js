// The sends of each day (or week) by where they stand now, stacked.
import { amounts, categories, fill, grid, letters, number, safe, tooltip } from "./look.js";

const lines = (points) =>
  points
    .filter(({ value }) => value)
    .map(({ seriesName, value, marker }) => `${marker}${safe(seriesName)} <b>${number(value)}</b>`)
    .reverse()
    .join("<br>");

export const days = ({ labels, series }) => ({
  grid,
  textStyle: letters(),
  tooltip: tooltip({
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: (points) => `<b>${safe(points[0].name)}</b><br>${lines(points) || "–"}`,
  }),
  xAxis: categories(labels),
  yAxis: amounts(),
  series: series.map(({ category, name, values }) => ({
    type: "bar",
    stack: "all",
    barMaxWidth: 28,
    barCategoryGap: "28%",
    name,
    data: values,
    itemStyle: fill(category),
    emphasis: { focus: "series" },
  })),
});
