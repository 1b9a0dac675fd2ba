// Talks to /api/v1, the same API as everyone else's. A reply is a value, a Refused, or an Unreachable.

import { say } from "./dom.js";

const PATIENCE_MS = 20_000;
const TRY_AGAIN_MS = 2000;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || `the server answered ${status}`);
    this.status = status;
    this.code = problem.code || "";
    this.problems = problem.problems || [];
  }
}

export class Unreachable extends Error {}

// The server's clock: leases end by it, whatever this computer believes.
let ahead = 0;
export const now = () => Date.now() + ahead;

export async function call(method, path, body, headers = {}) {
  let reply;
  try {
    reply = await fetch(`/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (reason) {
    throw new Unreachable("the server cannot be reached", { cause: reason });
  }
  const date = Date.parse(reply.headers.get("Date"));
  if (date) ahead = date - Date.now();
  const isJson = /json/.test(reply.headers.get("Content-Type") || "");
  const value = isJson ? await reply.json().catch(() => null) : null;
  if (reply.ok) return value;
  if (reply.status >= 500 || reply.status === 429) throw new Unreachable(value?.detail || "the server is not ready");
  throw new Refused(reply.status, value || {});
}

export const get = (path) => call("GET", path);
export const post = (path, body, headers) => call("POST", path, body, headers);
export const put = (path, body, headers) => call("PUT", path, body, headers);

// The person behind this session; without one the sign-in page is opened, and comes back here afterwards.
export async function whoAmI() {
  for (;;) {
    try {
      return await get("/me");
    } catch (reason) {
      if (reason.status === 401) return toSignIn();
      say(`${reason.message}; trying again.`, { isBad: true });
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}

function toSignIn() {
  location.replace(`/#next=${location.pathname}${location.search}${location.hash}`);
  return new Promise(() => {});
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
