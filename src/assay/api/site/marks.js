// Marking in the task screen: H and the arrows, or the mouse, make a selection; Enter, a digit or a label turns it into a mark.

import { byId, say } from "./dom.js";

const lastEnd = (panel, slot) => Math.max(0, ...(panel.sheet.row(slot).value || []).map((span) => span.end));

export function startMarking(panel, marker) {
  const slot = panel?.spanSlot();
  if (!slot) return say("There is nothing to mark in this task.");
  panel.activate(slot, { focus: false });
  marker.start(slot, lastEnd(panel, slot));
  say("Marking: arrows move, Shift extends, Enter sets, Esc ends.");
}

function setMark(panel, marker, n) {
  const slot = panel.spanSlot();
  const { editor } = panel.built.get(slot.key);
  if (!(n ? editor.pick(n) : editor.set())) return say("Select something first: Shift with the arrows.");
  if (marker.pane) marker.start(slot, lastEnd(panel, slot));
}

// While text is marked by keys, these belong to the marking; says whether the key was taken.
export function whileMarking(event, panel, marker) {
  if (!marker.pane || event.metaKey) return false;
  if (marker.step(event)) return true;
  if (event.ctrlKey || event.altKey) return false;
  if (/^(Numpad)?Enter$/.test(event.code)) return (setMark(panel, marker), true);
  if (event.code === "Escape") return (marker.stop(), panel.activate(panel.active), true);
  if (/^(Digit|Numpad)[1-9]$/.test(event.code) && marker.selected())
    return (setMark(panel, marker, Number(event.code.at(-1))), true);
  return false;
}

export function markByMouse(panelNow, marker) {
  byId("content").addEventListener("pointerup", () =>
    setTimeout(() => {
      const panel = panelNow();
      const slot = panel && marker.selected() && panel.spanSlot();
      if (!slot) return;
      panel.activate(slot, { focus: false });
      const { isOne, set } = panel.built.get(slot.key).editor;
      if (isOne) set();
      else
        say(
          `Selected. Choose: ${slot.question.labels.map((label, i) => `${i + 1} ${label.title || label.id}`).join(", ")}`,
        );
    }),
  );
}
