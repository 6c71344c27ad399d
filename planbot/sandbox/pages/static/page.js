// Keeps an open page up to date, and sends a tick as soon as it is made. Everything works without it, too.
"use strict";

const A_PAUSE = 250; // milliseconds: what happens in a burst is shown at once

const wanted = new Map(); // ticks that are not sent yet: the place of the box, and whether it is to be ticked
let isSending = false;
let isAskedFor = false;
let timer = 0;

// Takes over the parts of another state of this page; only what differs is touched.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other && other.innerHTML !== part.innerHTML) replace(part, other);
  }
  for (const [place, ticked] of wanted) {
    const box = document.getElementById(`box-${place}`);
    if (box) box.checked = ticked;
  }
  document.body.dataset.seen = fresh.body.dataset.seen ?? document.body.dataset.seen;
  if (!fresh.querySelector(".blank")) document.title = fresh.title;
  return fresh;
}

function replace(part, other) {
  const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
  const known = new Set([...part.querySelectorAll("[data-fresh]")].map((each) => each.id));
  const unfolded = [...part.querySelectorAll("details[id][open]")].map((each) => each.id);
  part.replaceChildren(...document.adoptNode(other).childNodes);
  for (const each of part.querySelectorAll("[data-fresh]")) {
    if (!known.has(each.id)) each.classList.add("fresh");
  }
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}

function tell(words) {
  document.getElementById("told").textContent = words;
}

async function refresh() {
  timer = 0;
  if (isSending) {
    isAskedFor = true;
    return;
  }
  // a page that tells why a form was refused has the address of the form
  const answer = await fetch(document.body.dataset.address ?? location.href, { headers: { Accept: "text/html" } });
  if (answer.ok && !isSending) {
    show(await answer.text());
    tell("The page was brought up to date.");
  }
}

function refreshSoon() {
  timer ||= setTimeout(() => refresh().catch(() => {}), A_PAUSE);
}

// Sends ticks one batch after the other, as each needs the version of the text that the one before it left.
async function send() {
  if (isSending) return;
  isSending = true;
  try {
    while (wanted.size) {
      const form = document.querySelector("form[data-boxes]");
      const sent = new URLSearchParams(new FormData(form));
      wanted.clear();
      const headers = { Accept: "text/html" };
      const answer = await fetch(form.action, { method: "POST", body: sent, headers });
      if (!answer.ok) wanted.clear();
      const fresh = show(await answer.text());
      if (answer.ok) complain();
      else takeBack(...(fresh.querySelector(".blank") ?? fresh.getElementById("notice")).childNodes);
    }
  } catch {
    wanted.clear();
    const flash = document.createElement("p");
    flash.className = "flash";
    flash.textContent = "The sandbox does not answer, so the tick was not kept.";
    takeBack(flash);
  } finally {
    isSending = false;
    if (isAskedFor) refreshSoon();
    isAskedFor = false;
  }
}

// Shows the boxes as the sandbox has them, and why.
function takeBack(...reasons) {
  document.querySelector("form[data-boxes]").reset();
  complain(...reasons);
}

function complain(...reasons) {
  document.getElementById("notice").replaceChildren(...reasons);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-boxes] input[name=box]")) {
    wanted.set(event.target.value, event.target.checked);
    send();
  }
});

// A browser allows few connections at once: a page that nobody sees gives its one back.
let source = null;
function listen() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(`/-/events?seen=${document.body.dataset.seen}`);
  source.addEventListener("change", refreshSoon);
  if (document.body.dataset.watch === "request") source.addEventListener("request", refreshSoon);
  source.addEventListener("open", () => (document.getElementById("live").hidden = false));
  source.addEventListener("error", () => (document.getElementById("live").hidden = true));
}
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", listen);
