// The other end of a sign-in link: the secret after the # is used once, and leaves the address at once.

import { get, post } from "./api.js";
import { byId, el } from "./dom.js";
import { homeOf } from "./roles.js";

const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

try {
  if (link) await post("/sessions", { link });
  location.replace(homeOf(await get("/me")));
} catch (reason) {
  const me = await get("/me").catch(() => null); // the link was used already, by the person who is signed in here
  if (me) location.replace(homeOf(me));
  else
    byId("main").replaceChildren(
      el("h1", {}, "This link does not work"),
      el("p", {}, reason.message),
      el("p", {}, el("a", { class: "button", href: "/" }, "Sign in with a password")),
    );
}
