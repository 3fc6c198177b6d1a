// Draws each `figure.chart` from the JSON that stands in it, again when light changes to dark, and in light on paper.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { days } from "./days.js";
import { donut } from "./donut.js";
import { history } from "./history.js";
import { responses } from "./responses.js";
import { spread } from "./spread.js";

use([AriaComponent, BarChart, GridComponent, LineChart, PieChart, SVGRenderer, TooltipComponent]);

const kinds = { days, donut, history, responses, spread };
const drawn = [];

// The table beside each chart is what is read aloud, so the picture itself is silent.
const draw = ({ chart, kind, data }) => chart.setOption({ ...kinds[kind](data), animation: false, aria: { enabled: false } }, true);
const redraw = () => drawn.forEach(draw);

for (const figure of document.querySelectorAll("figure.chart")) {
  const area = figure.querySelector(".chart-area");
  const data = JSON.parse(figure.querySelector("script").textContent);
  const one = { chart: init(area, null, { renderer: "svg" }), kind: figure.dataset.kind, data };
  one.chart.on("click", ({ data: picked, dataIndex }) => {
    const href = picked?.href ?? data.hrefs?.[dataIndex];
    if (href) location.assign(href);
  });
  new ResizeObserver(() => one.chart.resize()).observe(area);
  drawn.push(one);
  draw(one);
}
for (const table of document.querySelectorAll("details.chart-table")) {
  table.open = false;
  table.classList.add("drawn");
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
matchMedia("print").addEventListener("change", redraw);
