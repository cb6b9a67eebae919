// The page: what is chosen for a draft, kept at every change.

import { ask, element, picture, put } from "./api.js";
import { card } from "./cards.js";
import { View } from "./view.js";

const $ = (id) => document.getElementById(id);
const say = (words) => { $("status").textContent = words; };
const ABOUT = {
  generate: "Keeps the garment; paints a person and a scene around it.",
  background: "Keeps the whole subject; paints what stands behind it.",
  inpaint: "Brush over what to repaint; everything else stays.",
  outpaint: "Keeps the whole photo; drag a side of the frame, or type sides or a format.",
};
const state = { draft: null, tool: "pan", past: [], future: [], saving: Promise.resolve() };
const view = new View($("view"), (scale) => { $("zoom").textContent = `${Math.round(scale * 100)} %`; });
const choices = () => state.draft.choices;
const stated = () => JSON.stringify(choices());
const cuts = (task) => task === "generate" || task === "background";

async function tried(work) {
  try { return await work(); } catch (error) { say(error.message); return null; }
}

// A change of the choices: kept on the server, one after another; `step` makes it one that can be undone.
function change(next, { step = false } = {}) {
  if (!state.draft) return;
  const before = choices();
  if (step) { state.past.push(before); state.future = []; }
  state.draft.choices = { ...before, ...next };
  const recut = JSON.stringify([before.marks, before.task, before.options.garment]) !== JSON.stringify([choices().marks, choices().task, choices().options.garment]);
  const painted = before.strokes !== choices().strokes || before.inverted !== choices().inverted;
  shown();
  if (before.task !== choices().task || choices().task === "outpaint") view.fit();
  if (painted) view.stale(); else view.draw();
  const draft = state.draft;
  const sent = stated();
  state.saving = state.saving.then(() => tried(async () => {
    const said = await put(`/studio/drafts/${draft.id}`, JSON.parse(sent));
    if (state.draft === draft) $("command").textContent = said.command;
    if (recut && state.draft === draft) await cut();
  }));
}

async function cut() {
  const draft = state.draft;
  if (!cuts(choices().task)) { view.matte = null; view.stale(); $("found").textContent = ""; say("Ready"); return; }
  say("Finding the garment…");
  const told = await ask(`/studio/drafts/${draft.id}/cut`);
  const matte = await picture(`/studio/drafts/${draft.id}/cut.png?at=${Date.now()}`);
  if (state.draft !== draft) return;
  view.matte = matte;
  view.stale();
  $("found").textContent = choices().task === "generate" ? `${told.category}, ${Math.round(told.confidence * 100)} % sure. ${told.doubts.join(" ")}` : told.doubts.join(" ");
  say("Ready");
  thumbnails();
}

function shown() {
  const now = choices();
  for (const tab of $("tasks").children) tab.setAttribute("aria-selected", String(tab.dataset.task === now.task));
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(now.task);
  for (const input of document.querySelectorAll("[data-option]")) if (input !== document.activeElement) input.value = now.options[input.dataset.option] ?? "";
  for (const radio of document.querySelectorAll(".pick input")) radio.checked = radio.value === (now.options[radio.name] ?? (radio.name === "pose" ? "auto" : ""));
  if ($("count") !== document.activeElement) $("count").value = now.count;
  $("about").textContent = ABOUT[now.task];
  $("invert").setAttribute("aria-pressed", String(now.inverted));
  $("undo").disabled = !state.past.length;
  $("redo").disabled = !state.future.length;
  const needs = { keep: cuts(now.task), drop: cuts(now.task), brush: now.task !== "outpaint", erase: now.task !== "outpaint", joints: now.task === "generate" };
  for (const [tool, can] of Object.entries(needs)) document.querySelector(`[data-tool=${tool}]`).disabled = !can;
  $("invert").disabled = !cuts(now.task);
  $("mirror").disabled = $("reset").disabled = state.tool !== "joints";
  if (needs[state.tool] === false) choose("pan");
  link("matte", (now.strokes.length > 0 || now.inverted) && cuts(now.task), "matte.png");
  link("region", now.strokes.length > 0 && now.task === "inpaint", "region.png");
  link("pose", now.skeleton !== null && now.task === "generate", "pose.json");
}

function link(id, there, name) {
  $(id).classList.toggle("hidden", !there);
  if (there) { $(id).href = `/studio/drafts/${state.draft.id}/${name}`; $(id).download = `${state.draft.name.replace(/\.[^.]*$/, "")}.${name}`; }
  else $(id).removeAttribute("href");
}

async function open(id) {
  await tried(async () => {
    const draft = await ask(`/studio/drafts/${id}`);
    const photo = await picture(`/studio/drafts/${id}/photo.jpg`);
    Object.assign(state, { draft, past: [], future: [] });
    view.space = null;
    location.hash = id;
    $("hint").hidden = true;
    for (const control of document.querySelectorAll("#tools button, #tools input")) control.disabled = false;
    $("generate").disabled = false;
    $("draft").value = id;
    $("command").textContent = draft.command;
    view.show(draft, photo, null);
    view.fit();
    shown();
    $("cards").replaceChildren(...draft.jobs.map(carded));
    await cut();
  });
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
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  $("view").style.cursor = { pan: "grab", keep: "crosshair", drop: "crosshair", joints: "move" }[tool] ?? "cell";
  tried(() => joints(tool === "joints"));
}

async function joints(on) {
  if (!on || !state.draft) { if (view.space) { view.space = null; view.fit(); } }
  else if (!view.space) {
    await state.saving;
    view.space = await ask(`/studio/drafts/${state.draft.id}/canvas`);
    view.fit();
    say("Drag a joint; “Reset pose” returns to what the garment suggests");
  }
  if (state.draft) $("mirror").disabled = $("reset").disabled = !on;
}

function moved(list) {
  const { width, height } = view.space;
  return { skeleton: { width, height, joints: list } };
}

function mirror() {
  const swap = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16];
  const old = view.joints();
  const axis = old[1][0];
  change(moved(swap.map((from) => [2 * axis - old[from][0], old[from][1], old[from][2]])), { step: true });
}

// What a pointer does with each tool: begun on the photo, gone on with, ended.
const canvas = $("view");
let hand = null;
canvas.addEventListener("pointerdown", (event) => {
  if (!state.draft || event.button > 1) return;
  canvas.setPointerCapture(event.pointerId);
  const [x, y] = view.at(event);
  hand = { x: event.clientX, y: event.clientY, tool: event.button === 1 ? "pan" : state.tool };
  const side = hand.tool === "pan" && event.button === 0 ? view.side(event) : null;
  if (side) Object.assign(hand, { side, tool: "frame", before: choices() });
  else if (hand.tool === "keep" || hand.tool === "drop") {
    if (x < 0 || y < 0 || x >= state.draft.width || y >= state.draft.height) return;
    change({ marks: [...choices().marks, { x: Math.floor(x), y: Math.floor(y), keep: hand.tool === "keep" }] }, { step: true });
    hand = null;
  } else if (hand.tool === "brush" || hand.tool === "erase") {
    hand.before = choices();
    hand.stroke = { keep: hand.tool === "brush", radius: Math.max(0.5, Number($("radius").value) / 2 / view.scale), path: [[x, y]] };
    brushed();
  } else if (hand.tool === "joints" && view.space) {
    const list = view.joints();
    const far = (joint) => (joint[2] ? Math.hypot(joint[0] - x, joint[1] - y) : Infinity);
    hand.joint = list.reduce((best, joint, at) => (far(joint) < far(list[best]) ? at : best), 0);
    if (far(list[hand.joint]) > 24 / view.scale) hand = null;
    else hand.before = choices();
  }
});
canvas.addEventListener("pointermove", (event) => {
  if (!hand && state.tool === "pan") {
    canvas.style.cursor = { left: "ew-resize", right: "ew-resize", top: "ns-resize", bottom: "ns-resize" }[view.side(event)] ?? "grab";
  }
  if (!hand) return;
  const [x, y] = view.at(event);
  if (hand.tool === "pan") {
    view.move(event.clientX - hand.x, event.clientY - hand.y);
    Object.assign(hand, { x: event.clientX, y: event.clientY });
  } else if (hand.stroke) {
    hand.stroke.path.push([x, y]);
    brushed();
  } else if (hand.side) {
    const { width, height } = state.draft;
    const grown = { left: -x, right: x - width, top: -y, bottom: y - height }[hand.side];
    const { aspect, ...rest } = hand.before.options; // a frame that is dragged has the shape that it is dragged to
    state.draft.choices = { ...choices(), options: { ...rest, [hand.side]: String(Math.max(0, Math.round(grown))) } };
    view.draw();
  } else if (hand.joint !== undefined) {
    const list = view.joints().map((joint, at) => (at === hand.joint ? [x, y, joint[2]] : joint));
    state.draft.choices = { ...choices(), ...moved(list) };
    view.draw();
  }
});
for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => {
  if (hand?.before) {
    const next = choices();
    state.draft.choices = hand.before;
    if (kind === "pointerup") change(next, { step: true }); else view.stale();
  }
  hand = null;
});
function brushed() {
  state.draft.choices = { ...hand.before, strokes: [...hand.before.strokes, { ...hand.stroke, path: [...hand.stroke.path] }] };
  view.stale();
}
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  view.zoom(Math.exp(-event.deltaY / 400), [event.clientX - box.left, event.clientY - box.top]);
}, { passive: false });

function undo(from, to) {
  if (!from.length) return;
  to.push(choices());
  const next = from.pop();
  const held = [state.past, state.future];
  change(next);
  [state.past, state.future] = held;
  shown();
}

const keys = {
  v: () => choose("pan"), k: () => choose("keep"), r: () => choose("drop"), b: () => choose("brush"), e: () => choose("erase"), j: () => choose("joints"),
  i: () => $("invert").click(), "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), 0: () => view.fit(),
  "[": () => { $("radius").value = Number($("radius").value) - 4; }, "]": () => { $("radius").value = Number($("radius").value) + 4; },
};
const arrows = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
document.addEventListener("keydown", (event) => {
  if (!state.draft || event.target.matches("input:not([type=range]):not([type=radio]), select, textarea")) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    event.preventDefault();
    if (event.shiftKey) undo(state.future, state.past); else undo(state.past, state.future);
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.target === canvas && arrows[event.key]) { event.preventDefault(); view.move(...arrows[event.key]); }
  else if (keys[key] && !document.querySelector(`[title*="(${key.toUpperCase()})"]`)?.disabled) keys[key]();
});

function options(name, value) {
  const next = { ...choices().options, [name]: value };
  if (value === "" || (name === "pose" && value === "auto")) delete next[name];
  change({ options: next });
}

function pick(name, value, words, picture_ = null, title = "") {
  const label = element("label", "", { class: "pick", title });
  const radio = element("input", "", { type: "radio", name, value });
  radio.addEventListener("change", () => options(name, value));
  label.append(radio);
  if (picture_ !== null) label.append(element("img", "", { alt: "", loading: "lazy", ...(picture_ ? { src: picture_ } : {}) }));
  label.append(element("span", words));
  return label;
}

function thumbnails() {
  if (choices().task !== "generate") return;
  for (const radio of document.querySelectorAll("#poses input")) radio.nextElementSibling.src = `/studio/drafts/${state.draft.id}/poses/${radio.value}.png`;
}

async function begin() {
  const lists = await ask("/studio/lists");
  const about = (said) => Object.entries(said).filter(([, value]) => typeof value !== "object").map(([key, value]) => `${key}: ${value}`).join(", ");
  $("castings").append(...Object.entries(lists.castings).map(([name, said]) => pick("casting", name, name, `/v1/castings/${name}/portrait`, about(said))));
  $("scenes").append(pick("scene", "", "preset's own"), ...Object.entries(lists.scenes).map(([name, said]) => pick("scene", name, name, lists.pictured.includes(name) ? `/v1/scenes/${name}/picture` : null, about(said))));
  $("poses").append(...["auto", ...Object.keys(lists.poses)].map((name) => pick("pose", name, name, "")));
  const found = await drafts();
  const wanted = found.find((each) => each.id === location.hash.slice(1)) ?? found[0];
  if (wanted) await open(wanted.id); else for (const button of document.querySelectorAll("#tools button, #tools input")) button.disabled = true;
}

for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => choose(button.dataset.tool));
for (const tab of $("tasks").children) tab.addEventListener("click", () => { if (state.draft) { choose("pan"); change({ task: tab.dataset.task, strokes: [], options: kept(tab.dataset.task) }, { step: true }); } });
function kept(task) {
  const fits = (input) => (input.closest("[data-for]")?.dataset.for ?? task).split(" ").includes(task);
  const names = [...document.querySelectorAll("[data-option]"), ...document.querySelectorAll(".pick input")].filter(fits).map((input) => input.dataset.option ?? input.name);
  return Object.fromEntries(Object.entries(choices().options).filter(([name]) => names.includes(name)));
}
for (const input of document.querySelectorAll("[data-option]")) input.addEventListener("change", () => { if (state.draft) options(input.dataset.option, input.value.trim()); });
$("count").addEventListener("change", () => change({ count: Math.min(8, Math.max(1, Number($("count").value) || 1)) }));
$("file").addEventListener("change", async () => { await add($("file").files[0]); $("file").value = ""; });
$("draft").addEventListener("change", () => open($("draft").value));
$("undo").addEventListener("click", () => undo(state.past, state.future));
$("redo").addEventListener("click", () => undo(state.future, state.past));
$("invert").addEventListener("click", () => change({ inverted: !choices().inverted }, { step: true }));
$("mirror").addEventListener("click", mirror);
$("reset").addEventListener("click", () => change({ skeleton: null }, { step: true }));
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
const drop = $("drop");
for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, (event) => {
  event.preventDefault();
  drop.classList.toggle("over", kind === "dragover");
  if (kind === "drop") add(event.dataTransfer.files[0]);
});
tried(begin);
