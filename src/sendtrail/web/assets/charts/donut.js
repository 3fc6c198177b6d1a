// How many stand where: one slice for each category, which leads to its sends.
import { fill, number, safe, token, tooltip } from "./look.js";

export const donut = ({ slices }) => ({
  tooltip: tooltip({ formatter: ({ data }) => `${safe(data.name)}<br><b>${number(data.value)}</b> · ${safe(data.share)}` }),
  series: [
    {
      type: "pie",
      radius: ["64%", "94%"],
      startAngle: 90,
      minAngle: 1.5,
      label: { show: false },
      emphasis: { scaleSize: 4 },
      itemStyle: { borderColor: token("card"), borderWidth: 2, borderRadius: 3 },
      data: slices.filter(({ value }) => value).map((slice) => ({ ...slice, cursor: "pointer", itemStyle: fill(slice.category) })),
    },
  ],
});
