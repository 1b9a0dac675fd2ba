// The browser counts UTF-16 units, the server code points; nothing but this file changes the one into the other.

export const length = (text) => Array.from(text).length;
export const slice = (text, start, end) => Array.from(text).slice(start, end).join("");

// Code points before a UTF-16 offset. An offset inside a surrogate pair counts as before the pair.
export function fromUnits(text, units) {
  const inPair = units > 0 && units < text.length && text.codePointAt(units - 1) > 0xffff;
  return length(text.slice(0, inPair ? units - 1 : units));
}

export const toUnits = (text, points) => Array.from(text).slice(0, points).join("").length;

// The stretch without space around it and, if asked, widened to whole words; null when nothing is left.
export function tidy(text, [start, end], { words, lang }) {
  let [from, to] = [toUnits(text, start), toUnits(text, end)];
  while (from < to && /\s/.test(text[from])) from++;
  while (to > from && /\s/.test(text[to - 1])) to--;
  if (from >= to) return null;
  if (words) {
    const segments = new Intl.Segmenter(lang || undefined, { granularity: "word" }).segment(text);
    const [first, last] = [segments.containing(from), segments.containing(to - 1)];
    if (first.isWordLike) from = first.index;
    if (last.isWordLike) to = last.index + last.segment.length;
  }
  return [fromUnits(text, from), fromUnits(text, to)];
}
