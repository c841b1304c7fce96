// Axes of the charts of the video.
"use strict";
function powersAxis(svg, { x, y, height, width, from, to, every = 1, scale, text }) {
  for (let p = from; p <= to; p += every) {
    add(svg, "line", { x1: x, x2: x + width, y1: scale(p), y2: scale(p), class: "line" });
    add(svg, "text", { x: x - 16, y: scale(p) + 10, "text-anchor": "end", class: "soft", style: "font-size: 28px" }, `10${superscript(p)}`);
  }
  if (text) add(svg, "text", { x: x, y: y - 24, class: "soft", style: "font-size: 28px" }, text);
}
