// Shows an item: its fields, blind, candidates side by side; texts that are to be marked stay exactly as imported.

import { toUnits } from "./codepoints.js";
import { el } from "./dom.js";
import { markdown } from "./markdown.js";

export const letter = (index) => String.fromCodePoint(65 + index);

// Fills the root and returns the texts that can be marked, by field and part.
export function showContent(root, sheet, { isPlain }) {
  const marked = new Set(
    sheet.questions.filter((question) => question.type === "span").map((question) => question.of.field),
  );
  const panes = new Map();
  const pane = (field, part, text) => {
    const isSource = isPlain || marked.has(field.key) || field.type === "text";
    const node = el("div", {
      class: isSource ? "text source" : "text",
      dir: field.dir || "auto",
      lang: sheet.lang(field.key) || guess(text),
    });
    node.append(isSource ? text : markdown(text));
    if (marked.has(field.key)) panes.set(paneKey(field.key, part), { node, text, field: field.key, part });
    return node;
  };
  const show = { text: showText, markdown: showText, conversation: showConversation, candidates: showCandidates };
  const fields = [...sheet.fields.values()].filter((field) => (sheet.value(field.key) ?? null) !== null);
  root.replaceChildren(
    ...fields.map((field) =>
      el("section", { class: "field" }, field.title && el("h2", {}, field.title), show[field.type](field, sheet, pane)),
    ),
  );
  return panes;
}

export const paneKey = (field, part) => JSON.stringify([field, part]);

const showText = (field, sheet, pane) => pane(field, null, sheet.value(field.key));

function showConversation(field, sheet, pane) {
  return sheet.parts(field.key).map((message) => showMessage(field, message, pane));
}

function showCandidates(field, sheet, pane) {
  const candidates = sheet.parts(field.key);
  const inside = (one) =>
    one.messages ? one.messages.map((message) => showMessage(field, message, pane)) : pane(field, one.id, one.text);
  return el(
    "div",
    { class: "candidates" },
    candidates.map((one, index) =>
      el(
        "article",
        { class: "candidate", "data-part": one.id, "aria-label": `Candidate ${letter(index)}` },
        el("h3", {}, letter(index)),
        inside(one),
      ),
    ),
  );
}

function showMessage(field, message, pane) {
  const text = pane(field, message.id, message.text);
  const extra = ["reasoning", "tool_calls"]
    .filter((key) => message[key])
    .map((key) =>
      el(
        "details",
        {},
        el("summary", {}, key.replace("_", " ")),
        el(
          "div",
          { class: "text source" },
          typeof message[key] === "string" ? message[key] : JSON.stringify(message[key], null, 1),
        ),
      ),
    );
  const isFolded = field.fold?.includes(message.role);
  return el(
    "div",
    { class: `message ${message.role}`, "data-part": message.id },
    el("p", { class: "role" }, message.name || message.role),
    extra,
    isFolded ? el("details", {}, el("summary", {}, `${message.text.length.toLocaleString()} characters`), text) : text,
  );
}

// The language only chooses glyphs and line breaks here, where the item does not name one.
function guess(text) {
  if (/[\u3040-\u30ff]/.test(text)) return "ja";
  return /\p{Script=Han}/u.test(text) ? "zh-Hans" : undefined;
}

// Draws spans over a text, without changing a character of it: what is between elements is the source, in order.
export function paint(pane, spans) {
  const { node, text } = pane;
  const drawn = JSON.stringify(spans);
  if (pane.drawn === drawn) return; // what is selected there stays selected
  pane.drawn = drawn;
  const edges = [0, text.length, ...spans.flatMap((span) => [toUnits(text, span.start), toUnits(text, span.end)])];
  const borders = [...new Set(edges)].sort((a, b) => a - b);
  node.replaceChildren(
    ...borders.slice(1).map((to, i) => {
      const covering = spans.filter((span) => toUnits(text, span.start) < to && toUnits(text, span.end) > borders[i]);
      const piece = text.slice(borders[i], to);
      if (!covering.length) return piece;
      const ending = covering.filter((span) => toUnits(text, span.end) === to).map((span) => span.title);
      return el("mark", { class: `tone-${covering[0].tone}`, "data-label": ending.join(", ") || null }, piece);
    }),
  );
}
