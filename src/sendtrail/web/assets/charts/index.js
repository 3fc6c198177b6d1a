// Draws each `figure.chart` from the JSON that stands in it, and again when light changes to dark or the width changes.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { days } from "./days.js";
import { donut } from "./donut.js";
import { history } from "./history.js";
import { spread } from "./spread.js";

use([AriaComponent, BarChart, GridComponent, LineChart, PieChart, SVGRenderer, TooltipComponent]);

const kinds = { days, donut, history, spread };
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = [];

function draw({ chart, kind, data }) {
  chart.setOption({ ...kinds[kind](data), animation: false, aria: { enabled: false } }, true);
}

for (const figure of document.querySelectorAll("figure.chart")) {
  const area = figure.querySelector(".chart-area");
  const data = JSON.parse(figure.querySelector("script").textContent);
  const one = { chart: init(area, null, { renderer: "svg" }), kind: figure.dataset.kind, data };
  area.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the table beside it is what is read
  one.chart.on("click", ({ data: picked }) => picked?.href && location.assign(picked.href));
  new ResizeObserver(() => one.chart.resize()).observe(area);
  drawn.push(one);
  draw(one);
}
dark.addEventListener("change", () => drawn.forEach(draw));
