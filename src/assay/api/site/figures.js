// How the numbers of a project look: states, bars, tables, estimates with their intervals.

import { el } from "./dom.js";

export const STATES = ["settled", "complete", "open", "staged", "needs_fix", "cancelled"];
export const STATE_WORDS = {
  settled: "settled",
  complete: "answered",
  open: "open",
  staged: "staged",
  needs_fix: "needs a fix",
  cancelled: "cancelled",
};

export const total = (count) => Object.values(count || {}).reduce((sum, n) => sum + n, 0);
export const short = (value) =>
  value
    .toFixed(2)
    .replace(/^(-?)0\./, "$1.")
    .replace("-", "−");

export const section = (title, ...children) => el("section", {}, el("h2", {}, title), ...children);
export const quiet = (text) => el("p", { class: "quiet" }, text);
export const chip = (state) => el("span", { class: `state ${state}` }, state);
export const figure = (n) => (typeof n === "number" ? Number(n.toFixed(1)).toLocaleString() : "–");
export const percent = (share) => `${Number((100 * share).toFixed(1))} %`;
export const date = (text) => new Date(text).toLocaleDateString(undefined, { dateStyle: "medium" });

// Numbers stand to the right from the given column on, as long as they are numbers.
export function table(titles, rows, numbersFrom = 1) {
  const isNumber = (cell, i) => i >= numbersFrom && /^[\d.,–]+$/.test(cell);
  const cells = (row) =>
    row.map((cell, i) =>
      el(i ? "td" : "th", i ? { class: isNumber(cell, i) ? "number" : null } : { scope: "row" }, cell),
    );
  return el(
    "div",
    { class: "wide", tabindex: 0, role: "region", "aria-label": titles[0] },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          titles.map((title) => el("th", { scope: "col" }, title)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) => el("tr", {}, cells(row))),
      ),
    ),
  );
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
}

export function bar(count) {
  const all = total(count) || 1;
  let x = 0;
  const parts = STATES.map((state) => {
    const width = (1000 * (count?.[state] || 0)) / all;
    x += width;
    return svg("rect", { class: state, x: x - width, width, height: 10 });
  });
  return svg(
    "svg",
    { class: "bar-of-states", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...parts,
  );
}

// A dot with its interval on the line from 0 to 1; below 0 agreement is worse than chance.
export function interval(one) {
  if (!one || one.value === null) return "";
  const x = (value) => 6 + 108 * Math.min(Math.max(value, 0), 1);
  const line = (from, to, name) => svg("line", { x1: from, x2: to, y1: 8, y2: 8, class: name });
  return svg(
    "svg",
    { class: "interval", viewBox: "0 0 120 16", width: 120, height: 16, "aria-hidden": "true" },
    line(6, 114, "axis"),
    ...(one.low === null ? [] : [line(x(one.low), x(one.high), "span")]),
    svg("circle", { cx: x(one.value), cy: 8, r: 4 }),
  );
}
