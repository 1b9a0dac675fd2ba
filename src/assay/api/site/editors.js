// One editor for each type of question: its controls, how they show an answer, and what the verdict keys do in it.
//
// An editor is made of (slot, sheet, set) and gives { nodes, show(row) } and, as far as the type has use for them,
// pick(n), none(), bad(), erase(), enter(): what the keys of the same name in keys.js do.

import { chip, keyFor, newName, titled } from "./chips.js";
import * as codepoints from "./codepoints.js";
import { pairwise, ranking } from "./comparing.js";
import { letter } from "./content.js";
import { el } from "./dom.js";
import { plainLines } from "./sheet.js";
import { span } from "./spans.js";

const MENU_FROM = 12;

function choice({ question }, sheet, set) {
  const options = sheet.options(question);
  if (question.layout === "menu" || (!question.layout && options.length >= MENU_FROM))
    return menu(question, options, set);
  const name = newName();
  const chips = options.map((option, i) =>
    chip("radio", name, titled(option), { key: keyFor(i), onchange: () => set(option.id) }),
  );
  return {
    nodes: el(
      "div",
      { class: "chips" },
      chips.map(({ node }) => node),
    ),
    show: ({ value }) => chips.forEach(({ input }, i) => (input.checked = options[i].id === value)),
    pick: (n) => options[n - 1] && set(options[n - 1].id),
  };
}

function menu(question, options, set) {
  const select = el(
    "select",
    { "aria-label": question.title, onchange: () => set(select.value || null) },
    el("option", { value: "" }, "Choose …"),
    options.map((option) => el("option", { value: option.id }, titled(option))),
  );
  return {
    nodes: select,
    show: ({ value }) => (select.value = value ?? ""),
    pick: (n) => options[n - 1] && set(options[n - 1].id),
    enter: () => select.focus(),
  };
}

function choices(slot, sheet, set) {
  const options = sheet.options(slot.question);
  const offersNone = !slot.question.min && !options.some((option) => option.exclusive);
  const toggle = (option) => {
    const before = sheet.row(slot).value || [];
    if (before.includes(option.id)) return set(before.filter((id) => id !== option.id));
    const others = before.filter((id) => !option.exclusive && !options.find((one) => one.id === id)?.exclusive);
    return set(options.map(({ id }) => id).filter((id) => id === option.id || others.includes(id)));
  };
  const none =
    offersNone && chip("checkbox", "", "None", { key: 0, onchange: () => set(none.input.checked ? [] : null) });
  const chips = options.map((option, i) =>
    chip("checkbox", "", titled(option), { key: keyFor(i), onchange: () => toggle(option) }),
  );
  return {
    nodes: el(
      "div",
      { class: "chips" },
      chips.map(({ node }) => node),
      none && none.node,
    ),
    show({ value }) {
      chips.forEach(({ input }, i) => (input.checked = Boolean(value?.includes(options[i].id))));
      if (none) none.input.checked = value?.length === 0;
    },
    pick: (n) => options[n - 1] && toggle(options[n - 1]),
    none: () => offersNone && set([]),
  };
}

// With `between`, the side on which a candidate is shown may change; the stored sign is always that of the ids.
function rating({ question }, sheet, set) {
  const { min, max, anchors = {}, between } = question.scale;
  if (max - min > 10) return wholeNumber(question, set);
  const isFlipped = between && shownFirst(sheet, between) === between[1];
  const steps = Array.from({ length: max - min + 1 }, (_, i) => min + i);
  const stored = (step) => (isFlipped ? -step || 0 : step);
  const byValue = min >= 0 && max <= 9;
  const name = newName();
  const chips = steps.map((step, i) =>
    chip("radio", name, between ? Math.abs(step) : step, {
      key: byValue ? step : keyFor(i),
      label: [between ? Math.abs(step) : step, anchors[step]].filter(Boolean).join(", "),
      onchange: () => set(stored(step)),
    }),
  );
  const choose = (step) => steps.includes(step) && set(stored(step));
  const ends = between && [
    el("p", { class: "ends" }, el("span", {}, `◀ ${anchors[min] || "A"}`), el("span", {}, `${anchors[max] || "B"} ▶`)),
  ];
  return {
    nodes: [
      el(
        "div",
        { class: "chips even" },
        chips.map(({ node }) => node),
      ),
      ends,
    ],
    show: ({ value }) => chips.forEach(({ input }, i) => (input.checked = stored(steps[i]) === value)),
    pick: (n) => choose(byValue ? n : steps[n - 1]),
    none: () => choose(0),
  };
}

function shownFirst(sheet, ids) {
  const shown = [...sheet.fields.keys()].flatMap((key) => sheet.parts(key).map((part) => part.id));
  return [...ids].sort((a, b) => shown.indexOf(a) - shown.indexOf(b))[0];
}

function wholeNumber({ title, scale: { min, max } }, set) {
  const input = el("input", {
    type: "text",
    "aria-label": title,
    inputmode: "numeric",
    autocomplete: "off",
    class: "short",
    oninput: () => set(/^\s*-?\d+\s*$/.test(input.value) ? Number(input.value) : null),
  });
  return {
    nodes: el("p", {}, input, ` ${min} to ${max}`),
    show: ({ value }) => document.activeElement !== input && (input.value = value ?? ""),
    enter: () => input.focus(),
  };
}

function number({ question }, sheet, set) {
  const input = el("input", {
    type: "text",
    "aria-label": question.title,
    inputmode: "decimal",
    autocomplete: "off",
    class: "short",
    oninput: () => set(input.value),
  });
  return {
    nodes: el("p", {}, input, question.unit && ` ${question.unit}`),
    show: ({ value }) => input.value !== (value ?? "") && (input.value = value ?? ""),
    enter: () => input.focus(),
  };
}

function text(slot, sheet, set) {
  const { question } = slot;
  const { min = 0, max } = question.length || {};
  const input =
    question.format === "line"
      ? el("input", { type: "text", "aria-label": question.title, autocomplete: "off", dir: "auto" })
      : el("textarea", {
          rows: 3,
          "aria-label": question.title,
          dir: "auto",
          class: question.format === "code" ? "code" : null,
        });
  const count = el("small", { class: "count" });
  const base =
    question.base &&
    baseOf(
      slot,
      sheet,
      () => say(),
      () => show({}),
    );
  const say = () => set(base ? base.value(input.value) : input.value);
  input.addEventListener("input", say);
  function show({ value }) {
    const shown = base ? base.show(value) : (value ?? "");
    if (input.value !== shown) input.value = shown;
    const n = codepoints.length(shown);
    count.textContent = min || max ? `${n} of ${min ? `${min} to ` : "at most "}${max ?? "100,000"} characters` : "";
  }
  return { nodes: [base?.nodes, input, count], show, enter: () => input.focus() };
}

// A text that starts from a draft: which one, and whether it is left as it is, which must be said.
function baseOf({ question, target }, sheet, changed) {
  const field = question.base.field;
  const parts = sheet.parts(field).flatMap((one) => one.messages || [one]);
  const ids = !sheet.hasParts(field)
    ? [null]
    : parts.some((part) => part.id === target)
      ? [target]
      : parts.map((part) => part.id);
  const select =
    ids.length > 1 &&
    el(
      "select",
      { "aria-label": "Start from", onchange: () => changed() },
      ids.map((id, i) => el("option", { value: id }, `Start from ${letter(i)}`)),
    );
  const same = el("input", { type: "checkbox", onchange: () => changed() });
  let began = ids[0];
  const draft = () => plainLines(sheet.text(field, began));
  return {
    nodes: el(
      "p",
      { class: "chips" },
      select,
      el("label", { class: "chip" }, same, el("span", {}, "Leave it as it is")),
    ),
    value(typed) {
      const wasDraft = typed === draft();
      if (select && select.value !== began) [began, typed] = [select.value, null];
      if (typed === null || (same.checked && !wasDraft && document.activeElement === same)) typed = draft();
      same.checked = same.checked && typed === draft();
      return { text: typed, base: began, unchanged: same.checked };
    },
    show(value) {
      began = value ? value.base : began;
      if (select) select.value = began;
      same.checked = Boolean(value?.unchanged);
      return value ? value.text : draft();
    },
  };
}

export const EDITORS = { choice, choices, rating, number, text, pairwise, ranking, span };
export const ADVANCES = new Set(["choice", "rating", "pairwise"]);
