// What recipients did: how often as bars, and what came of it as a line with dots.
import { amounts, categories, grid, letters, number, safe, token, tooltip } from "./look.js";

export const responses = ({ labels, spans, shares, bars, line }) => ({
  grid,
  textStyle: letters(),
  tooltip: tooltip({
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: (points) => {
      const place = points[0].dataIndex;
      const share = shares[place] ? ` · ${safe(shares[place])}` : "";
      return `<b>${safe(spans[place])}</b><br>` + points.map(({ seriesName, value, marker }) => `${marker}${safe(seriesName)} <b>${number(value)}</b>${share}`).join("<br>");
    },
  }),
  xAxis: categories(labels),
  yAxis: amounts(),
  series: [
    { type: "bar", name: bars.name, data: bars.values, barMaxWidth: 40, barCategoryGap: "22%", itemStyle: { color: token("accent"), borderRadius: [3, 3, 0, 0] } },
    ...(line
      ? [{ type: "line", name: line.name, data: line.values, symbol: "circle", symbolSize: 7, lineStyle: { color: token("warn"), width: 2 }, itemStyle: { color: token("warn"), borderColor: token("card"), borderWidth: 1 } }]
      : []),
  ],
});
