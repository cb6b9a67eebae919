// What is chosen for the draft on the page: changed here, kept on the server at every change, undone.

import { ask, put } from "./api.js";

export const state = { draft: null, garment: null, tool: "pan", past: [], future: [], saving: Promise.resolve(), found: null };
export const $ = (id) => document.getElementById(id);
export const say = (words) => { $("status").textContent = words; };
export const choices = () => state.draft.choices;
export const cuts = (task) => task === "generate" || task === "background" || task === "ghost";

// One garment is edited at a time: the draft's own, or a further one of the outfit, which `state.garment` names.
export const picked = (now = choices()) => now.further.find((each) => each.file === state.garment) ?? null;

// The choices as they are for the garment that is edited.
export function edited(now = choices()) {
  const one = picked(now);
  if (!one) return now;
  const { marks, strokes, inverted, mask, box, landmark, kind } = one;
  const { garment_box, landmark: first, ...options } = now.options;
  return { ...now, marks, strokes, inverted, mask, options: { ...options, garment: kind, ...(box ? { garment_box: box } : {}), ...(landmark.length ? { landmark } : {}) } };
}

// The whole choices with others for the garment that is edited.
export function rewritten(next) {
  const now = choices();
  const one = picked(now);
  if (!one) return { ...now, ...next };
  const { marks, strokes, inverted, mask, options } = { ...edited(now), ...next };
  const own = { ...one, marks, strokes, inverted, mask, box: options.garment_box ?? null, landmark: options.landmark ?? [] };
  return { ...now, further: now.further.map((each) => (each === one ? own : each)) };
}

export const edit = (next, how = { step: true }) => change(rewritten(next), how);

// Where the server has something of the garment that is edited.
export function at(name) {
  const own = state.garment ? `${name.includes("?") ? "&" : "?"}garment=${state.garment}` : "";
  return `/studio/drafts/${state.draft.id}/${name}${own}`;
}

export async function tried(work) {
  try { return await work(); } catch (error) { say(error.message); return null; }
}

const watching = [];
// Calls `work(before, after)` at every change of the choices.
export const watch = (work) => { watching.push(work); };
const saved = [];
// Calls `work(before, after, said)` once the server has kept a change of the draft that is still open.
export const afterwards = (work) => { saved.push(work); };

// A change of the choices: kept on the server, one after another; `step` makes it one that can be undone.
export function change(next, { step = false } = {}) {
  if (!state.draft) return;
  const before = choices();
  if (step) { state.past.push(before); state.future = []; }
  const after = { ...before, ...next };
  state.draft.choices = after;
  for (const work of watching) work(before, after);
  const draft = state.draft;
  state.saving = state.saving.then(() => tried(async () => {
    let said;
    try { said = await put(`/studio/drafts/${draft.id}`, after); } catch (error) {
      await refused(draft);
      throw error;
    }
    if (state.draft === draft) for (const work of saved) await work(before, after, said);
  }));
}

// What the server would not keep is taken back: the page shows what a picture would be made from.
async function refused(draft) {
  const kept = await ask(`/studio/drafts/${draft.id}`);
  if (state.draft !== draft) return;
  const before = choices();
  draft.choices = kept.choices;
  for (const work of watching) work(before, kept.choices);
}

export function undo(from = state.past, to = state.future) {
  if (!from.length) return;
  to.push(choices());
  change(from.pop());
}

export function option(name, value) {
  const own = name === "garment_box"; // all others are the whole picture's
  const next = { ...(own ? edited() : choices()).options, [name]: value };
  if (value === "" || value === null || (name === "pose" && value === "auto")) delete next[name];
  if (own) edit({ options: next }); else change({ options: next }, { step: true });
}
