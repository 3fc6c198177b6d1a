// What every page has: htmx, sheets that close, and, where they are, rows to tick, and how far an upload or an export is.
import htmx from "htmx.org";
import "./copy.js";
import "./export.js";
import "./polling.js";
import "./selection.js";
import "./upload.js";

// Our pages allow no inline styles and no code from text; errors keep what is on the page.
htmx.config.includeIndicatorCSS = false;
htmx.config.morphIgnore = ["data-htmx-powered", "open"]; // what somebody has opened stays open
htmx.config.noSwap = [204, 304, "4xx", "5xx"];

// An open sheet closes by Escape and by a click beside it.
function close(sheet, back) {
  sheet.open = false;
  if (back) sheet.querySelector("summary").focus();
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.opens[open]").forEach((sheet) => close(sheet, true));
});
addEventListener("click", (event) => {
  document.querySelectorAll("details.opens[open]").forEach((sheet) => sheet.contains(event.target) || close(sheet));
});
