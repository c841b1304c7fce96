// What every page of the video shares: show(beat, t) draws the page at a moment, t from 0 to 1 being how far the motion of that beat is.
// Elements with data-beat="N" come with beat N (and go with beat data-until); a page adds motions of its own as window.scene(beat, t).
"use strict";
const ease = (t) => t * t * (3 - 2 * t);
const between = (t, from, to) => ease(Math.min(1, Math.max(0, (t - from) / (to - from))));
const mix = (a, b, t) => a + (b - a) * t;
const SVG = "http://www.w3.org/2000/svg";

function add(parent, name, attributes = {}, text = null) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
}

// How far something that belongs to this beat has come: 0 before it, 1 after it.
const came = (of, beat, t) => (beat > of ? 1 : beat === of ? t : 0);

function show(beat, t) {
  for (const element of document.querySelectorAll("[data-beat]")) {
    const here = ease(came(Number(element.dataset.beat), beat, Math.min(1, t * Number(element.dataset.speed ?? 1))));
    const gone = element.dataset.until === undefined ? 0 : ease(came(Number(element.dataset.until), beat, t));
    element.style.opacity = here * (1 - gone);
    if (!(element instanceof SVGElement)) element.style.transform = `translateY(${(1 - here) * 18}px)`;
  }
  window.scene?.(beat, t);
}

const superscript = (n) => String(n).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
