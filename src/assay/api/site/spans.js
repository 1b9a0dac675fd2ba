// The editor of marked text: a label makes a mark of what is selected, and every mark can be taken away again.

import { chip, keyFor, newName, titled } from "./chips.js";
import { el } from "./dom.js";

export function span(slot, sheet, set, marker) {
  const { question } = slot;
  const labels = question.labels;
  const name = newName();
  let label = labels[0].id;
  const chips = labels.map((one, i) =>
    chip("radio", name, titled(one), { key: keyFor(i), tone: i % 4, onclick: () => pick(i + 1) }),
  );
  const none =
    !question.min &&
    chip("checkbox", "", "Nothing to mark", { key: 0, onchange: () => set(none.input.checked ? [] : null) });
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
    const kept = (sheet.row(slot).value || []).filter(
      (one) => question.overlap || one.end <= drawn.start || drawn.end <= one.start,
    );
    const taken = new Set(
      sheet
        .slots()
        .flatMap((one) => (one.question.type === "span" ? sheet.row(one).value || [] : []).map(({ id }) => id)),
    );
    let n = 1;
    while (taken.has(`s${n}`)) n += 1;
    set([...kept, { id: `s${n}`, ...drawn }]);
    getSelection().removeAllRanges();
  }
  function show({ value }) {
    chips.forEach(({ input }, i) => (input.checked = labels[i].id === label));
    if (none) none.input.checked = value?.length === 0;
    list.replaceChildren(
      ...(value || []).map((one) =>
        el(
          "li",
          {},
          el("bdi", {}, `“${one.quote}”`),
          el("small", {}, titled(labels.find(({ id }) => id === one.label))),
          el(
            "button",
            {
              type: "button",
              class: "small",
              "aria-label": `Remove the mark “${one.quote}”`,
              onclick: () => set(value.filter((other) => other !== one)),
            },
            "✕",
          ),
        ),
      ),
    );
  }
  return {
    nodes: [
      el(
        "div",
        { class: "chips" },
        chips.map(({ node }) => node),
        none && none.node,
      ),
      list,
    ],
    show,
    pick,
    isOne: labels.length === 1,
    set: () => pick(1 + labels.findIndex(({ id }) => id === label)),
    none: () => none && set([]),
    erase: () => sheet.row(slot).value?.length && set(sheet.row(slot).value.slice(0, -1)),
    titles: Object.fromEntries(labels.map((one, i) => [one.id, { title: titled(one), tone: i % 4 }])),
  };
}
