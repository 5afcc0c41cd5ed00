// Live updates and the slider of a migration's page. Everything on that page works without this file, too.

const page = document.getElementById("page");
const form = document.getElementById("moments");
const slider = form.elements.version;
const entries = document.getElementById("entries");

let latest = Number(slider.max);
let past = Number(slider.value) < latest;
let said = text("said");
let source = null;
let looking = null;

function text(id) {
  return document.getElementById(id)?.textContent.trim() ?? "";
}

// Puts the pieces of a page in the places of those that are shown, where they differ.
function draw(fresh) {
  for (const piece of fresh.querySelectorAll("[data-part]")) {
    const shown = document.getElementById(piece.id);
    if (shown && !shown.isEqualNode(piece)) replace(shown, piece);
  }
  tick();
  announce();
}

function replace(shown, piece) {
  const reachable = (part) => [...part.querySelectorAll("a, button, [tabindex]")];
  const focused = reachable(shown).indexOf(document.activeElement);
  shown.replaceWith(piece);
  reachable(piece)[focused]?.focus({ preventScroll: true });
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function announce() {
  const now = text("said");
  if (now !== said && !past) document.getElementById("announced").textContent = now;
  said = now;
}

// Counts on how long what is running has taken.
function tick() {
  for (const since of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since.dataset.since)) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    since.textContent = hours
      ? `${hours} h ${minutes} min`
      : minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  }
}

// --- What happens now -------------------------------------------------------------------------------------

function follow() {
  source = new EventSource(`${page.dataset.live}?after=${latest}`);
  source.addEventListener("entry", (event) => add(Number(event.lastEventId), parsed(event.data)));
  source.addEventListener("patch", (event) => past || draw(parsed(event.data)));
  source.addEventListener("end", stop);
  source.addEventListener("error", () => {
    document.getElementById("connection").hidden = source.readyState !== EventSource.CLOSED;
  });
}

function add(version, fresh) {
  latest = version;
  slider.max = version;
  const entry = fresh.querySelector(".entry");
  const { kind } = entries.dataset;
  if (!kind || entry.dataset.kinds.split(" ").includes(kind)) entries.prepend(entry);
  entries.querySelector(".nothing")?.remove();
  if (past) return;
  slider.value = version;
  draw(fresh);
  tell();
}

function stop() {
  source.close();
  document.removeEventListener("visibilitychange", pause);
}

// A page that nobody looks at holds no connection: a browser has few.
function pause() {
  if (document.hidden) source.close();
  else follow();
}

// --- What was then ----------------------------------------------------------------------------------------

async function look() {
  looking?.abort();
  looking = new AbortController();
  past = Number(slider.value) < latest;
  const url = new URL(form.action);
  if (past) url.searchParams.set("version", slider.value);
  if (entries.dataset.kind) url.searchParams.set("kind", entries.dataset.kind);
  try {
    const answer = await fetch(url, { signal: looking.signal });
    if (!answer.ok || answer.redirected) return location.assign(url);
    draw(parsed(await answer.text()));
    history.replaceState(null, "", url);
    tell();
  } catch (error) {
    if (error.name !== "AbortError") document.getElementById("connection").hidden = false;
  }
}

// Says which moment is shown: to those who hear the slider, and in the timeline.
function tell() {
  slider.setAttribute("aria-valuetext", text("moment-text"));
  for (const entry of entries.querySelectorAll("[aria-current]")) entry.removeAttribute("aria-current");
  const entry = past && document.getElementById(`event-${slider.value}`);
  if (!entry) return;
  entry.setAttribute("aria-current", "step");
  const scrolled = entries.closest("section");
  scrolled.scrollTop = entry.offsetTop - 120;
}

form.classList.add("sliding");
slider.type = "range";
slider.addEventListener("input", look);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
tell();
tick();
setInterval(tick, 1000);
if (page.dataset.live) {
  follow();
  document.addEventListener("visibilitychange", pause);
}
