// One editor for each type of question: its controls, how they show an answer, and what the verdict keys do in it.
//
// An editor is made of (slot, sheet, set) and gives { nodes, show(row) } and, as far as the type has use for them,
// pick(n), none(), bad(), erase(), enter(): what the keys of the same name in keys.js do.

import * as codepoints from "./codepoints.js";
import { letter } from "./content.js";
import { el } from "./dom.js";
import { plainLines } from "./sheet.js";

const MENU_FROM = 12;
let made = 0;

function chip(type, name, title, { key, label, onchange, onclick, tone }) {
  const input = el("input", { type, name, onchange, onclick, "aria-label": label });
  return { input, node: el("label", { class: tone === undefined ? "chip" : `chip tone-${tone}` }, input, el("span", {}, title), key !== undefined && el("kbd", { "aria-hidden": "true" }, key)) };
}

const titled = (option) => option.title || option.id;
const keyFor = (index) => (index < 9 ? index + 1 : undefined);

function choice({ question }, sheet, set) {
  const options = sheet.options(question);
  if (question.layout === "menu" || (!question.layout && options.length >= MENU_FROM)) return menu(question, options, set);
  const name = `q${++made}`;
  const chips = options.map((option, i) => chip("radio", name, titled(option), { key: keyFor(i), onchange: () => set(option.id) }));
  return {
    nodes: el("div", { class: "chips" }, chips.map(({ node }) => node)),
    show: ({ value }) => chips.forEach(({ input }, i) => (input.checked = options[i].id === value)),
    pick: (n) => options[n - 1] && set(options[n - 1].id),
  };
}

function menu(question, options, set) {
  const select = el("select", { "aria-label": question.title, onchange: () => set(select.value || null) }, el("option", { value: "" }, "Choose …"), options.map((option) => el("option", { value: option.id }, titled(option))));
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
  const none = offersNone && chip("checkbox", "", "None", { key: 0, onchange: () => set(none.input.checked ? [] : null) });
  const chips = options.map((option, i) => chip("checkbox", "", titled(option), { key: keyFor(i), onchange: () => toggle(option) }));
  return {
    nodes: el("div", { class: "chips" }, chips.map(({ node }) => node), none && none.node),
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
  const name = `q${++made}`;
  const chips = steps.map((step, i) => chip("radio", name, between ? Math.abs(step) : step, {
    key: byValue ? step : keyFor(i), label: [between ? Math.abs(step) : step, anchors[step]].filter(Boolean).join(", "), onchange: () => set(stored(step)),
  }));
  const choose = (step) => steps.includes(step) && set(stored(step));
  const ends = between && [el("p", { class: "ends" }, el("span", {}, `◀ ${anchors[min] || "A"}`), el("span", {}, `${anchors[max] || "B"} ▶`))];
  return {
    nodes: [el("div", { class: "chips even" }, chips.map(({ node }) => node)), ends],
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
  const input = el("input", { type: "text", "aria-label": title, inputmode: "numeric", autocomplete: "off", class: "short", oninput: () => set(/^\s*-?\d+\s*$/.test(input.value) ? Number(input.value) : null) });
  return {
    nodes: el("p", {}, input, ` ${min} to ${max}`),
    show: ({ value }) => document.activeElement !== input && (input.value = value ?? ""),
    enter: () => input.focus(),
  };
}

function number({ question }, sheet, set) {
  const input = el("input", { type: "text", "aria-label": question.title, inputmode: "decimal", autocomplete: "off", class: "short", oninput: () => set(input.value) });
  return {
    nodes: el("p", {}, input, question.unit && ` ${question.unit}`),
    show: ({ value }) => input.value !== (value ?? "") && (input.value = value ?? ""),
    enter: () => input.focus(),
  };
}

function text(slot, sheet, set) {
  const { question } = slot;
  const { min = 0, max } = question.length || {};
  const input = question.format === "line" ? el("input", { type: "text", "aria-label": question.title, autocomplete: "off", dir: "auto" }) : el("textarea", { rows: 3, "aria-label": question.title, dir: "auto", class: question.format === "code" ? "code" : null });
  const count = el("small", { class: "count" });
  const base = question.base && baseOf(slot, sheet, () => say(), () => show({}));
  const say = () => set(base ? base.value(input.value) : input.value);
  input.addEventListener("input", say);
  function show({ value }) {
    const shown = base ? base.show(value) : value ?? "";
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
  const ids = !sheet.hasParts(field) ? [null] : parts.some((part) => part.id === target) ? [target] : parts.map((part) => part.id);
  const select = ids.length > 1 && el("select", { "aria-label": "Start from", onchange: () => changed() }, ids.map((id, i) => el("option", { value: id }, `Start from ${letter(i)}`)));
  const same = el("input", { type: "checkbox", onchange: () => changed() });
  let began = ids[0];
  const draft = () => plainLines(sheet.text(field, began));
  return {
    nodes: el("p", { class: "chips" }, select, el("label", { class: "chip" }, same, el("span", {}, "Leave it as it is"))),
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

// From "the first is much better" over a tie to "the second is much better": one key says which and how much.
function pairwise({ question }, sheet, set) {
  const [first, second] = sheet.parts(question.of.field).map((part) => part.id);
  const strengths = question.strengths || [];
  const name = `q${++made}`;
  const steps = strengths.map((title, i) => ({ title, strength: i + 1 }));
  const sided = (id, side, list) => (list.length ? list : [{ title: side }]).map(({ title, strength }) => ({
    value: strength ? { verdict: id, strength } : { verdict: id }, title, label: `${side} is ${strength ? `${title} better` : "better"}` }));
  const verdicts = [...sided(first, "A", [...steps].reverse()), ...sided(second, "B", steps)];
  const neither = [question.tie && { value: { verdict: "tie" }, title: "Tie", key: "0" }, question.both_bad && { value: { verdict: "both_bad" }, title: "Both bad", key: "B" }].filter(Boolean);
  const all = [...verdicts, ...neither].map((one, i) => ({ ...one, ...chip("radio", name, one.title, { key: one.key ?? i + 1, label: one.label, onchange: () => set(one.value) }) }));
  const half = verdicts.length / 2;
  const row = (title, list) => el("div", { class: "side" }, el("span", { "aria-hidden": "true" }, title), el("div", { class: "chips even" }, list.map(({ node }) => node)));
  const choose = (verdict) => neither.some((one) => one.value.verdict === verdict) && set({ verdict });
  return {
    nodes: !strengths.length ? el("div", { class: "chips even" }, all.map(({ node }) => node)) : [row("A better", all.slice(0, half)), row("B better", all.slice(half, 2 * half)), neither.length > 0 && row("Neither", all.slice(2 * half))],
    show: ({ value }) => all.forEach((one) => (one.input.checked = value?.verdict === one.value.verdict && value?.strength === one.value.strength)),
    pick: (n) => verdicts[n - 1] && set(verdicts[n - 1].value),
    none: () => choose("tie"),
    bad: () => choose("both_bad"),
  };
}

// Named from best to worst: 1 3 2 puts A before C before B; a 0 in between ties the next to the last one named.
function ranking(slot, sheet, set) {
  const { question } = slot;
  const ids = sheet.parts(question.of.field).map((part) => part.id);
  let isTying = false;
  const order = el("p", { class: "order", dir: "ltr" });
  const bad = question.all_bad && chip("checkbox", "", "All bad", { key: "B", onchange: () => change({ all_bad: bad.input.checked }) });
  const buttons = ids.map((id, i) => el("button", { type: "button", class: "chip", "aria-label": `${letter(i)} is next`, onclick: () => add(id) }, letter(i), " ", el("kbd", { "aria-hidden": "true" }, i + 1)));
  const tie = question.ties && el("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: () => flipTie() }, "Tie with the next ", el("kbd", { "aria-hidden": "true" }, "0"));
  const back = el("button", { type: "button", class: "chip", onclick: () => erase() }, "Take back ", el("kbd", { "aria-hidden": "true" }, "⌫"));
  const tiers = () => sheet.row(slot).value?.tiers || [];
  function change(part) {
    const value = { tiers: tiers(), all_bad: Boolean(sheet.row(slot).value?.all_bad), ...part };
    const left = ids.filter((id) => !value.tiers.flat().includes(id));
    if (question.top) value.unranked = value.tiers.length ? left : [];
    set(value);
  }
  function add(id) {
    const before = tiers();
    const ranked = before.flat();
    if (!id || ranked.includes(id) || (question.top && ranked.length >= question.top && !isTying)) return;
    const next = isTying && before.length ? [...before.slice(0, -1), [...before.at(-1), id]] : [...before, [id]];
    isTying = false;
    const left = ids.filter((one) => one !== id && !ranked.includes(one));
    change({ tiers: left.length === 1 && !question.top && !question.ties ? [...next, left] : next });
  }
  function flipTie() {
    isTying = Boolean(question.ties && tiers().length) && !isTying;
    show(sheet.row(slot));
  }
  function erase() {
    const last = tiers().at(-1) || [];
    isTying = false;
    change({ tiers: [...tiers().slice(0, -1), ...(last.length > 1 ? [last.slice(0, -1)] : [])] });
  }
  function show({ value }) {
    const named = (value?.tiers || []).map((tier) => tier.map((id) => letter(ids.indexOf(id))).join(" = ")).join("  >  ");
    order.textContent = named ? `${named}${isTying ? "  =  …" : ""}` : "best first";
    order.classList.toggle("empty", !named);
    buttons.forEach((button, i) => (button.disabled = Boolean(value?.tiers?.flat().includes(ids[i]))));
    if (tie) tie.setAttribute("aria-pressed", isTying);
    if (bad) bad.input.checked = Boolean(value?.all_bad);
    back.disabled = !value?.tiers?.length;
  }
  return {
    nodes: [order, el("div", { class: "chips" }, buttons, tie, back, bad && bad.node)],
    show, erase, none: flipTie,
    pick: (n) => add(ids[n - 1]),
    bad: () => bad && change({ all_bad: !sheet.row(slot).value?.all_bad }),
  };
}

function span(slot, sheet, set, marker) {
  const { question } = slot;
  const labels = question.labels;
  const name = `q${++made}`;
  let label = labels[0].id;
  const chips = labels.map((one, i) => chip("radio", name, titled(one), { key: keyFor(i), tone: i % 4, onclick: () => pick(i + 1) }));
  const none = !question.min && chip("checkbox", "", "Nothing to mark", { key: 0, onchange: () => set(none.input.checked ? [] : null) });
  const list = el("ul", { class: "spans" });
  // A chosen label marks what is selected; with nothing selected it is kept for the next mark.
  function pick(n) {
    label = (labels[n - 1] || labels[0]).id;
    const drawn = marker.span(slot, label);
    if (drawn) add(drawn);
    show(sheet.row(slot));
    return Boolean(drawn);
  }
  function add(drawn) {
    const kept = (sheet.row(slot).value || []).filter((one) => question.overlap || one.end <= drawn.start || drawn.end <= one.start);
    const taken = new Set(sheet.slots().flatMap((one) => (one.question.type === "span" ? sheet.row(one).value || [] : []).map(({ id }) => id)));
    let n = 1;
    while (taken.has(`s${n}`)) n += 1;
    set([...kept, { id: `s${n}`, ...drawn }]);
    getSelection().removeAllRanges();
  }
  function show({ value }) {
    chips.forEach(({ input }, i) => (input.checked = labels[i].id === label));
    if (none) none.input.checked = value?.length === 0;
    list.replaceChildren(...(value || []).map((one) => el("li", {},
      el("bdi", {}, `“${one.quote}”`), el("small", {}, titled(labels.find(({ id }) => id === one.label))),
      el("button", { type: "button", class: "small", "aria-label": `Remove the mark “${one.quote}”`, onclick: () => set(value.filter((other) => other !== one)) }, "✕"))));
  }
  return {
    nodes: [el("div", { class: "chips" }, chips.map(({ node }) => node), none && none.node), list],
    show, pick, isOne: labels.length === 1,
    set: () => pick(1 + labels.findIndex(({ id }) => id === label)),
    none: () => none && set([]),
    erase: () => sheet.row(slot).value?.length && set(sheet.row(slot).value.slice(0, -1)),
    titles: Object.fromEntries(labels.map((one, i) => [one.id, { title: titled(one), tone: i % 4 }])),
  };
}

export const EDITORS = { choice, choices, rating, number, text, pairwise, ranking, span };
export const ADVANCES = new Set(["choice", "rating", "pairwise"]);
