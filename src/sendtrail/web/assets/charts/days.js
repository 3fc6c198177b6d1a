// The sends of each day (or week) by where they stand now, stacked.
import { amounts, categories, fill, grid, letters, number, safe, tooltip } from "./look.js";

const lines = (points) =>
  points
    .filter(({ value }) => value)
    .map(({ seriesName, value, marker }) => `${marker}${safe(seriesName)} <b>${number(value)}</b>`)
    .reverse()
    .join("<br>");

const total = (points) => number(points.reduce((sum, { value }) => sum + value, 0));

export const days = ({ labels, spans, series }) => ({
  grid,
  textStyle: letters(),
  tooltip: tooltip({
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: (points) => `<b>${safe(spans[points[0].dataIndex])} · ${total(points)}</b><br>${lines(points)}`,
  }),
  xAxis: categories(labels),
  yAxis: amounts(),
  series: series.map(({ category, name, values }) => ({
    type: "bar",
    stack: "all",
    barMaxWidth: 28,
    barCategoryGap: "28%",
    name,
    cursor: "pointer",
    data: values,
    itemStyle: fill(category),
    emphasis: { focus: "series" },
  })),
});
