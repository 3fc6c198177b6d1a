// In how many days pieces were delivered.
import { amounts, categories, grid, letters, number, safe, token, tooltip } from "./look.js";

export const spread = ({ labels, values, shares }) => ({
  grid,
  textStyle: letters(),
  tooltip: tooltip({
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: ([{ name, value, dataIndex }]) => `${safe(name)} days<br><b>${number(value)}</b> · ${safe(shares[dataIndex])}`,
  }),
  xAxis: categories(labels),
  yAxis: amounts(),
  series: [{ type: "bar", data: values, barCategoryGap: "22%", itemStyle: { color: token("accent"), borderRadius: [3, 3, 0, 0] } }],
});
