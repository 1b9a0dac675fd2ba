// Marks stretches of text: the browser's own selection is what is about to be marked, made by mouse or moved by keys.

import { fromUnits, slice, tidy, toUnits } from "./codepoints.js";
import { paneKey } from "./content.js";
import { byId, el } from "./dom.js";

const STEPS = {
  ArrowLeft: ["left", "character"],
  ArrowRight: ["right", "character"],
  ArrowUp: ["backward", "line"],
  ArrowDown: ["forward", "line"],
  Home: ["backward", "lineboundary"],
  End: ["forward", "lineboundary"],
};

export class Marker {
  constructor() {
    this.panes = new Map();
    this.pane = null; // whose text is being marked by keys
    this.caret = el("span", { class: "caret", hidden: true });
    document.addEventListener("selectionchange", () => this.drawCaret());
  }

  of(slot) {
    return this.panes.get(paneKey(slot.question.of.field, slot.target));
  }

  // The stretch selected in a pane of marking, in code points; null when there is none.
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const pane = [...this.panes.values()].find(
      ({ node }) => node.contains(range.startContainer) && node.contains(range.endContainer),
    );
    if (!pane) return null;
    return {
      pane,
      stretch: [
        offsetIn(pane, range.startContainer, range.startOffset),
        offsetIn(pane, range.endContainer, range.endOffset),
      ],
    };
  }

  // The span that the selection stands for, tidied as the question wants it.
  span(slot, label) {
    const found = this.selected();
    if (!found || found.pane !== this.of(slot)) return null;
    const { text, node } = found.pane;
    const stretch = tidy(text, found.stretch, { words: slot.question.snap === "word", lang: node.lang });
    return stretch && { label, start: stretch[0], end: stretch[1], quote: slice(text, ...stretch) };
  }

  // Marking by keys begins where the last mark ended.
  start(slot, after) {
    this.stop();
    this.pane = this.of(slot);
    if (!this.pane) return;
    document.activeElement?.blur();
    const [node, offset] = positionIn(this.pane, after);
    getSelection().collapse(node, offset);
    this.pane.node.classList.add("marking");
    this.pane.node.offsetParent?.append(this.caret);
    this.drawCaret();
  }

  stop() {
    this.pane?.node.classList.remove("marking");
    this.pane = null;
    this.caret.hidden = true;
    getSelection().removeAllRanges();
  }

  // Arrows move, with Ctrl or Alt by words; Shift extends. Says whether the key was one of these.
  step(event) {
    const step = STEPS[event.code];
    if (!this.pane || !step) return false;
    const selection = getSelection();
    const before = [selection.anchorNode, selection.anchorOffset, selection.focusNode, selection.focusOffset];
    const unit = step[1] === "character" && (event.ctrlKey || event.altKey) ? "word" : step[1];
    selection.modify(event.shiftKey ? "extend" : "move", step[0], unit);
    if (!this.pane.node.contains(selection.focusNode)) selection.setBaseAndExtent(...before);
    this.drawCaret();
    return true;
  }

  drawCaret() {
    const selection = getSelection();
    this.caret.hidden = !this.pane || !selection.rangeCount || !this.pane.node.contains(selection.focusNode);
    if (this.caret.hidden) return;
    const box = caretBox(selection.focusNode, selection.focusOffset);
    const frame = this.caret.offsetParent?.getBoundingClientRect();
    if (!box || !frame) return;
    this.caret.style.left = `${box.x - frame.x}px`;
    this.caret.style.top = `${box.top - frame.top}px`;
    this.caret.style.height = `${box.height}px`;
    const view = byId("content").getBoundingClientRect();
    if (box.bottom > Math.min(view.bottom, innerHeight) - 70 || box.top < Math.max(view.top, 0))
      this.caret.scrollIntoView({ block: "center" });
  }
}

function caretBox(node, offset) {
  const range = document.createRange();
  const n = node.nodeType === Node.TEXT_NODE ? node.length : 0;
  range.setStart(node, offset);
  if (offset < n) range.setEnd(node, offset + 1);
  const box = range.getClientRects()[0];
  if (box) return new DOMRect(box.x, box.y, 0, box.height);
  if (!n) return null;
  range.setStart(node, n - 1);
  const last = [...range.getClientRects()].pop();
  return last && new DOMRect(last.right, last.y, 0, last.height);
}

function offsetIn({ node, text }, container, offset) {
  const before = document.createRange();
  before.setStart(node, 0);
  before.setEnd(container, offset);
  return fromUnits(text, before.toString().length);
}

function positionIn({ node, text }, points) {
  let units = toUnits(text, points);
  const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let at = walk.nextNode(); at; at = walk.nextNode()) {
    if (units <= at.length) return [at, units];
    units -= at.length;
  }
  return [node, node.childNodes.length];
}
