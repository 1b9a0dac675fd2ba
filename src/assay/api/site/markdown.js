// A small, safe part of markdown as elements: headings, lists, quotations, code, bold, italic. The rest stays as typed.

import { el } from "./dom.js";

const INLINE = /(`[^`\n]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*\n]*\*)/;

export function inline(text) {
  const out = [];
  for (let rest = text; rest;) {
    const found = INLINE.exec(rest);
    if (!found) return [...out, rest];
    const [whole, code, bold] = found;
    out.push(rest.slice(0, found.index));
    out.push(
      code
        ? el("code", {}, code.slice(1, -1))
        : bold
          ? el("strong", {}, inline(bold.slice(2, -2)))
          : el("em", {}, inline(whole.slice(1, -1))),
    );
    rest = rest.slice(found.index + whole.length);
  }
  return out;
}

export function markdown(source) {
  const root = document.createDocumentFragment();
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  while (lines.length) root.append(block(lines));
  return root;
}

function block(lines) {
  const line = lines.shift();
  const heading = /^(#{1,6})\s+(.*)/.exec(line);
  if (!line.trim()) return "";
  if (heading) return el(`h${Math.min(heading[1].length + 1, 6)}`, {}, inline(heading[2]));
  if (/^\s*```/.test(line))
    return el("pre", {}, el("code", {}, take(lines, (next) => !/^\s*```/.test(next), true).join("\n")));
  if (/^>\s?/.test(line))
    return el(
      "blockquote",
      {},
      markdown([line, ...take(lines, (next) => /^>/.test(next))].map((one) => one.replace(/^>\s?/, "")).join("\n")),
    );
  if (ITEM.test(line)) return list(line, lines);
  const more = take(lines, (next) => next.trim() && !/^(#{1,6}\s|\s*```|>)/.test(next) && !ITEM.test(next));
  return el("p", {}, inline([line, ...more].join("\n")));
}

const ITEM = /^\s{0,3}([-*+]|(\d+)[.)])\s+(.*)/;

function list(line, lines) {
  const [, , number] = ITEM.exec(line);
  const items = [];
  for (let next = line; next !== undefined; next = ITEM.test(lines[0] ?? "") ? lines.shift() : undefined) {
    const more = take(lines, (one) => one.trim() && !ITEM.test(one) && /^\s/.test(one));
    items.push(el("li", {}, inline([ITEM.exec(next)[3], ...more.map((one) => one.trim())].join(" "))));
  }
  return number ? el("ol", { start: number }, items) : el("ul", {}, items);
}

function take(lines, wanted, andTheNext = false) {
  const end = lines.findIndex((line) => !wanted(line));
  const taken = lines.splice(0, end < 0 ? lines.length : end);
  if (andTheNext) lines.shift();
  return taken;
}
