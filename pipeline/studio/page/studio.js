// The page: a draft is opened, its choices are shown, its pictures are asked for.

import { ask, element, picture } from "./api.js";
import { Fitting } from "./body.js";
import { card } from "./cards.js";
import { Hand } from "./hand.js";
import { outfit, send, wear } from "./outfit.js";
import { pickers, thumbnails } from "./pickers.js";
import { $, afterwards, at, change, choices, cuts, edit, edited, option, picked, say, state, tried, undo, watch } from "./store.js";
import { View } from "./view.js";

const ABOUT = {
  generate: "Keeps the garment; paints a person and a scene around it.",
  background: "Keeps the whole subject; paints what stands behind it.",
  ghost: "Keeps the garment and the inside of its neck, on plain paper, with a natural shadow.",
  inpaint: "Brush over what to repaint, draw a box, or click a thing; everything else stays.",
  outpaint: "Keeps the whole photo; drag a side of the frame, or type sides or a format.",
};
// Options that no field holds, and the tasks that they belong to.
const DRAWN = { layers: ["generate", "background", "ghost", "inpaint", "outpaint"], landmark: ["generate"], garment_box: ["generate", "background", "ghost"], box: ["inpaint"], point: ["inpaint"] };
const canvas = $("view");
const view = new View(canvas, (scale) => { $("zoom").textContent = `${Math.round(scale * 100)} %`; });
const hand = new Hand(view, canvas);
const fitting = new Fitting(view);
// What a cut is made from: where this changes, the photo is cut again.
const cutFrom = ({ marks, task, mask, inverted, options: { garment, garment_box, landmark, box, point } }) => JSON.stringify([marks, task, mask, task === "inpaint" && inverted, garment, garment_box, landmark, box, point]);

watch((before, after) => {
  if (state.garment && !picked(after)) { pickGarment(null); return; }
  shown();
  if (before.task !== after.task || after.task === "outpaint") view.fit();
  const [old, now] = [edited(before), edited(after)];
  if (old.strokes !== now.strokes || old.inverted !== now.inverted) view.stale(); else view.draw();
  fitting.changed(before, after);
});
afterwards(async (before, after, said) => {
  $("command").textContent = said.command;
  if (cutFrom(edited(before)) !== cutFrom(edited(after))) await cut();
});

async function cut() {
  const { draft, garment } = state;
  const { task, mask, inverted, options } = edited();
  const looks = cuts(task) || (task === "inpaint" && (mask || inverted || options.box || options.point));
  if (!looks) { view.matte = view.landmarks = null; view.stale(); $("found").textContent = ""; say("Ready"); return; }
  say(cuts(task) ? "Finding the garment…" : "Marking…");
  if (cuts(task) && !view.matte && !mask) await glance();
  const told = cuts(task) ? await ask(at("cut")) : null;
  const matte = await picture(at(`cut.png?at=${Date.now()}`));
  if (state.draft !== draft || state.garment !== garment) return;
  state.found = told;
  view.matte = matte;
  landmarks();
  view.stale();
  const what = told?.product || told?.category;
  $("found").textContent = told ? [...(task === "generate" ? [`${what}, ${Math.round(told.confidence * 100)} % sure`] : []), ...told.doubts].join("; ") : "";
  say("Ready");
  thumbnails();
}

// A first look, until the outline is found.
async function glance() {
  const { draft, garment } = state;
  const answer = await fetch(at("first.png"));
  if (answer.status !== 200) return;
  const blob = URL.createObjectURL(await answer.blob());
  const matte = await picture(blob);
  URL.revokeObjectURL(blob);
  if (state.draft !== draft || state.garment !== garment || view.matte) return;
  view.matte = matte;
  view.stale();
  say("Finding the outline…");
}

function landmarks() {
  view.landmarks = state.tool === "landmarks" ? state.found?.landmarks ?? null : null;
}

function shown() {
  const now = choices();
  for (const tab of $("tasks").children) tab.setAttribute("aria-selected", String(tab.dataset.task === now.task));
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(now.task);
  for (const input of document.querySelectorAll("[data-option]")) if (input !== document.activeElement) input.value = now.options[input.dataset.option] ?? "";
  for (const radio of document.querySelectorAll(".pick input")) radio.checked = radio.value === (now.options[radio.name] ?? (radio.name === "pose" ? "auto" : ""));
  if ($("count") !== document.activeElement) $("count").value = now.count;
  $("layers").checked = now.options.layers === true;
  $("about").textContent = ABOUT[now.task];
  $("invert").setAttribute("aria-pressed", String(edited().inverted));
  $("undo").disabled = !state.past.length;
  $("redo").disabled = !state.future.length;
  const cutting = cuts(now.task), painting = now.task !== "outpaint", worn = now.task === "generate";
  const needs = { keep: painting, drop: cutting, brush: painting, erase: painting, box: painting, joints: worn, landmarks: worn };
  $("body").disabled = !worn;
  for (const [tool, can] of Object.entries(needs)) document.querySelector(`[data-tool=${tool}]`).disabled = !can;
  document.querySelector("[data-tool=keep]").textContent = cutting ? "Add part" : "Pick thing";
  $("invert").disabled = $("mask").disabled = !painting;
  if (needs[state.tool] === false) choose("pan");
  tools();
  $("backed").textContent = now.back ? now.back.name : "";
  $("unback").hidden = !now.back;
  outfit(pickGarment);
  const one = picked();
  $("picked").hidden = !one;
  $("picked-name").textContent = one ? `Editing ${one.name}` : "";
  $("unpick").textContent = `Back to ${state.draft.name}`;
  const painted = now.strokes.length > 0 || now.inverted || now.mask !== null;
  link("matte", cutting, "matte.png");
  link("region", now.task === "inpaint" && (painted || now.options.box || now.options.point), "region.png");
  link("pose", now.skeleton !== null && worn, "pose.json");
}

function tools() {
  $("mirror").disabled = state.tool !== "joints";
  $("reset").textContent = { joints: "Reset pose", landmarks: "Reset landmarks" }[state.tool] ?? "Reset cut";
}

function link(id, there, name) {
  $(id).classList.toggle("hidden", !there);
  const own = id === "matte" ? picked() : null; // in the command line its name has no spaces
  const stem = (own ? own.name.replace(/\s/g, "-") : state.draft.name).replace(/\.[^.]*$/, "");
  if (there) { $(id).href = own ? at(name) : `/studio/drafts/${state.draft.id}/${name}`; $(id).download = `${stem}.${name}`; }
  else $(id).removeAttribute("href");
}

async function open(id) {
  await tried(async () => {
    await state.saving;
    const draft = await ask(`/studio/drafts/${id}`);
    Object.assign(state, { draft, garment: null, past: [], future: [], found: null });
    fitting.stop();
    location.hash = id;
    $("hint").hidden = true;
    for (const control of document.querySelectorAll("#tools button, #tools input")) control.disabled = false;
    $("generate").disabled = $("forget").disabled = $("collect").disabled = $("add-further").disabled = $("add-back").disabled = false;
    $("draft").value = id;
    $("command").textContent = draft.command;
    $("cards").replaceChildren(...draft.jobs.map(carded));
    await look();
  });
}

// Shows the photo of the garment that is edited, and its cut.
async function look() {
  const { draft, garment } = state;
  const [{ width, height }, photo] = await Promise.all([garment ? ask(at("size")) : draft, picture(at("photo.jpg"))]);
  if (state.draft !== draft || state.garment !== garment) return;
  view.show({ width, height, get choices() { return edited(); } }, photo, null);
  view.fit();
  shown();
  await cut();
  fitting.shown();
}

// Has another garment of the outfit edited: a further one, by its file, or the draft's own.
async function pickGarment(file) {
  state.garment = file;
  state.found = null;
  fitting.stop();
  if (state.tool === "pan" && fitting.on && file) choose("keep"); // the body would hide the photo
  await tried(async () => { await state.saving; await look(); });
}

const carded = (id) => card(id, state.draft, say, () => {});

async function add(file) {
  if (!file) return;
  say(`Reading ${file.name}…`);
  await tried(async () => {
    const form = new FormData();
    form.append("photo", file);
    const draft = await ask("/studio/drafts", { method: "POST", body: form });
    await drafts();
    await open(draft.id);
  });
}

async function drafts() {
  const found = await ask("/studio/drafts");
  const options = found.map((each) => element("option", each.name, { value: each.id }));
  $("draft").replaceChildren(...(options.length ? options : [element("option", "none yet", { value: "" })]));
  return found;
}

function choose(tool) {
  state.tool = tool;
  view.held = view.cursor = null;
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  canvas.style.cursor = hand.cursor;
  tools();
  landmarks();
  if (tool === "landmarks") say("Drag a landmark to where it is on the garment; the body is fitted by them");
  view.draw();
  fitting.shown();
}

const keys = {
  v: () => choose("pan"), k: () => choose("keep"), r: () => choose("drop"), b: () => choose("brush"), e: () => choose("erase"), j: () => choose("joints"),
  l: () => choose("landmarks"), x: () => choose("box"), f: () => $("body").click(),
  i: () => $("invert").click(), "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), 0: () => view.fit(),
  "[": () => { $("radius").value = Number($("radius").value) - 4; }, "]": () => { $("radius").value = Number($("radius").value) + 4; },
};
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
document.addEventListener("keydown", (event) => {
  if (!state.draft || event.target.matches("input:not([type=range]):not([type=radio]), select, textarea") || event.target.closest("#collection")) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    event.preventDefault();
    if (event.shiftKey) undo(state.future, state.past); else undo();
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.target === canvas && arrows[event.key]) { event.preventDefault(); hand.arrow(arrows[event.key], event.shiftKey); }
  else if (event.target === canvas && key === " ") { event.preventDefault(); hand.use(); }
  else if (event.target === canvas && key === "n") hand.next(event.shiftKey);
  else if (keys[key] && !document.querySelector(`[title*="(${key.toUpperCase()})"]`)?.disabled) keys[key]();
});

async function begin() {
  await pickers();
  const found = await drafts();
  const wanted = found.find((each) => each.id === location.hash.slice(1)) ?? found[0];
  if (wanted) await open(wanted.id); else for (const button of document.querySelectorAll("#tools button, #tools input")) button.disabled = true;
}

for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => choose(button.dataset.tool));
for (const tab of $("tasks").children) tab.addEventListener("click", async () => {
  if (!state.draft) return;
  choose("pan");
  if (state.garment) await pickGarment(null);
  const { task } = tab.dataset;
  const same = cuts(task) && cuts(choices().task); // what is painted goes on to a task that cuts as well
  change({ task, ...(same ? {} : { strokes: [], mask: null, inverted: false }), options: kept(task) }, { step: true });
});
$("tasks").addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const tabs = [...$("tasks").children];
  if (by) tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length].focus();
});
function kept(task) {
  const fits = (input) => (input.closest("[data-for]")?.dataset.for ?? task).split(" ").includes(task);
  const fields = [...document.querySelectorAll("[data-option]"), ...document.querySelectorAll(".pick input")].filter(fits).map((input) => input.dataset.option ?? input.name);
  const names = [...fields, ...Object.keys(DRAWN).filter((name) => DRAWN[name].includes(task))];
  return Object.fromEntries(Object.entries(choices().options).filter(([name]) => names.includes(name)));
}
for (const input of document.querySelectorAll("[data-option]")) input.addEventListener("change", () => { if (state.draft) option(input.dataset.option, input.value.trim()); });
$("layers").addEventListener("change", () => option("layers", $("layers").checked || null));
$("count").addEventListener("change", () => change({ count: Math.min(8, Math.max(1, Number($("count").value) || 1)) }));
// A field for files: each is handed on, and the field takes the same again.
function files(id, work) {
  $(id).addEventListener("change", async () => { const given = [...$(id).files]; $(id).value = ""; await tried(() => work(given)); });
}
files("file", async (given) => { for (const each of given) await add(each); });
files("add-further", wear);
files("add-back", async ([file]) => change({ back: await send(file, "photo") }, { step: true }));
files("mask", async ([file]) => edit({ mask: await send(file, "mask"), strokes: [], inverted: false }));
$("unback").addEventListener("click", () => change({ back: null }, { step: true }));
$("draft").addEventListener("change", () => open($("draft").value));
$("forget").addEventListener("click", () => tried(async () => {
  if (!confirm(`Remove the draft ${state.draft.name}?`)) return;
  await state.saving;
  await ask(`/studio/drafts/${state.draft.id}`, { method: "DELETE" });
  location.assign("/");
}));
$("undo").addEventListener("click", () => undo());
$("redo").addEventListener("click", () => undo(state.future, state.past));
$("invert").addEventListener("click", () => edit({ inverted: !edited().inverted }));
$("unpick").addEventListener("click", () => pickGarment(null));
$("mirror").addEventListener("click", () => hand.mirror());
$("reset").addEventListener("click", () => hand.reset());
$("body").addEventListener("click", () => {
  const hidden = fitting.on && !fitting.wanted; // by a tool that works on the photo
  if (state.tool !== "joints") choose("pan");
  if (!hidden) fitting.toggle();
});
$("in").addEventListener("click", () => view.zoom(1.25));
$("out").addEventListener("click", () => view.zoom(0.8));
$("fit").addEventListener("click", () => view.fit());
$("copy").addEventListener("click", () => tried(async () => { await navigator.clipboard.writeText($("command").textContent); say("Copied"); }));
$("generate").addEventListener("click", () => tried(async () => {
  $("generate").disabled = true;
  try {
    await state.saving;
    const { jobs } = await ask(`/studio/drafts/${state.draft.id}/generate`, { method: "POST" });
    state.draft.jobs = [...jobs, ...state.draft.jobs];
    $("cards").prepend(...jobs.map(carded));
    say(`${jobs.length} in the queue`);
  } finally { $("generate").disabled = false; }
}));
function droppable(place, work) {
  for (const kind of ["dragover", "dragleave", "drop"]) place.addEventListener(kind, (event) => {
    event.preventDefault();
    place.classList.toggle("over", kind === "dragover");
    if (kind === "drop") work([...event.dataTransfer.files]);
  });
}
droppable($("drop"), async (given) => { for (const each of given) await add(each); });
droppable($("outfit"), (given) => { if (state.draft) wear(given); });
tried(begin);
