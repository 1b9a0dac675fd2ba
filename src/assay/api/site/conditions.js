// When is a question asked, and when does an answer need a reason? The server's rules (projects/questions/condition.py).

const NUMBER = /^-?\d{1,40}(\.\d{1,40})?$/;

const number = (value) =>
  typeof value === "number" ? value : typeof value === "string" && NUMBER.test(value) ? Number(value) : null;

const inside = (value, path) =>
  path
    ? path.split(".").reduce((inner, step) => (inner && typeof inner === "object" ? inner[step] : null), value)
    : value;

function isSame(left, right) {
  if (typeof left === "boolean" || typeof right === "boolean") return left === right;
  const [a, b] = [number(left), number(right)];
  return a !== null && b !== null ? a === b : left === right;
}

export function holds(test, answer) {
  const left = inside(answer, test.path);
  if (answer === null || answer === undefined || left === null || left === undefined) return false;
  if (test.op === "=" || test.op === "!=") return isSame(left, test.value) === (test.op === "=");
  if (test.op === "in") return test.value.some((one) => isSame(left, one));
  if (test.op === "contains") return Array.isArray(left) && left.some((one) => isSame(one, test.value));
  const [a, b] = [number(left), number(test.value)];
  if (a === null || b === null) return false;
  return { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[test.op];
}

export function isMet(condition, answerTo) {
  if (condition.all?.length) return condition.all.every((inner) => isMet(inner, answerTo));
  if (condition.any?.length) return condition.any.some((inner) => isMet(inner, answerTo));
  if (condition.not) return !isMet(condition.not, answerTo);
  return holds(condition, answerTo(condition.question));
}
