// The editors that compare candidates: which of two and by how much, and the order of several.

import { chip, newName } from "./chips.js";
import { letter } from "./content.js";
import { el } from "./dom.js";

// From "the first is much better" over a tie to "the second is much better": one key says which and how much.
export function pairwise({ question }, sheet, set) {
  const [first, second] = sheet.parts(question.of.field).map((part) => part.id);
  const strengths = question.strengths || [];
  const name = newName();
  const steps = strengths.map((title, i) => ({ title, strength: i + 1 }));
  const sided = (id, side, list) =>
    (list.length ? list : [{ title: side }]).map(({ title, strength }) => ({
      value: strength ? { verdict: id, strength } : { verdict: id },
      title,
      label: `${side} is ${strength ? `${title} better` : "better"}`,
    }));
  const verdicts = [...sided(first, "A", [...steps].reverse()), ...sided(second, "B", steps)];
  const neither = [
    question.tie && { value: { verdict: "tie" }, title: "Tie", key: "0" },
    question.both_bad && { value: { verdict: "both_bad" }, title: "Both bad", key: "B" },
  ].filter(Boolean);
  const all = [...verdicts, ...neither].map((one, i) => ({
    ...one,
    ...chip("radio", name, one.title, { key: one.key ?? i + 1, label: one.label, onchange: () => set(one.value) }),
  }));
  const half = verdicts.length / 2;
  const row = (title, list) =>
    el(
      "div",
      { class: "side" },
      el("span", { "aria-hidden": "true" }, title),
      el(
        "div",
        { class: "chips even" },
        list.map(({ node }) => node),
      ),
    );
  const choose = (verdict) => neither.some((one) => one.value.verdict === verdict) && set({ verdict });
  return {
    nodes: !strengths.length
      ? el(
          "div",
          { class: "chips even" },
          all.map(({ node }) => node),
        )
      : [
          row("A better", all.slice(0, half)),
          row("B better", all.slice(half, 2 * half)),
          neither.length > 0 && row("Neither", all.slice(2 * half)),
        ],
    show: ({ value }) =>
      all.forEach(
        (one) => (one.input.checked = value?.verdict === one.value.verdict && value?.strength === one.value.strength),
      ),
    pick: (n) => verdicts[n - 1] && set(verdicts[n - 1].value),
    none: () => choose("tie"),
    bad: () => choose("both_bad"),
  };
}

// Named from best to worst: 1 3 2 puts A before C before B; a 0 in between ties the next to the last one named.
export function ranking(slot, sheet, set) {
  const { question } = slot;
  const ids = sheet.parts(question.of.field).map((part) => part.id);
  let isTying = false;
  const order = el("p", { class: "order", dir: "ltr" });
  const bad =
    question.all_bad &&
    chip("checkbox", "", "All bad", { key: "B", onchange: () => change({ all_bad: bad.input.checked }) });
  const buttons = ids.map((id, i) =>
    el(
      "button",
      { type: "button", class: "chip", "aria-label": `${letter(i)} is next`, onclick: () => add(id) },
      letter(i),
      " ",
      el("kbd", { "aria-hidden": "true" }, i + 1),
    ),
  );
  const tie =
    question.ties &&
    el(
      "button",
      { type: "button", class: "chip", "aria-pressed": "false", onclick: () => flipTie() },
      "Tie with the next ",
      el("kbd", { "aria-hidden": "true" }, "0"),
    );
  const back = el(
    "button",
    { type: "button", class: "chip", onclick: () => erase() },
    "Take back ",
    el("kbd", { "aria-hidden": "true" }, "⌫"),
  );
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
    const named = (value?.tiers || [])
      .map((tier) => tier.map((id) => letter(ids.indexOf(id))).join(" = "))
      .join("  >  ");
    order.textContent = named ? `${named}${isTying ? "  =  …" : ""}` : "best first";
    order.classList.toggle("empty", !named);
    buttons.forEach((button, i) => (button.disabled = Boolean(value?.tiers?.flat().includes(ids[i]))));
    if (tie) tie.setAttribute("aria-pressed", isTying);
    if (bad) bad.input.checked = Boolean(value?.all_bad);
    back.disabled = !value?.tiers?.length;
  }
  return {
    nodes: [order, el("div", { class: "chips" }, buttons, tie, back, bad && bad.node)],
    show,
    erase,
    none: flipTie,
    pick: (n) => add(ids[n - 1]),
    bad: () => bad && change({ all_bad: !sheet.row(slot).value?.all_bad }),
  };
}
