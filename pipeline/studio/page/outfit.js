// Further garments on the same body: their photos, what each shows, in which order.

import { ask, element } from "./api.js";
import { $, at as place, change, choices, say, state, tried } from "./store.js";

const KINDS = ["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "bag", "necklace", "scarf", "belt"];

// Sends a file along with the draft, a mask for the garment that is edited; gives what names it in the choices.
export async function send(file, kind) {
  const form = new FormData();
  form.append("file", file);
  form.append("kind", kind);
  return ask(kind === "mask" ? place("files") : `/studio/drafts/${state.draft.id}/files`, { method: "POST", body: form });
}

export async function wear(files) {
  for (const file of files) {
    say(`Reading ${file.name}…`);
    await tried(async () => {
      const sent = await send(file, "photo");
      change({ further: [...choices().further, { ...sent, kind: "auto", scale: null, marks: [], strokes: [], inverted: false, mask: null, box: null, landmark: [] }] }, { step: true });
      say("Ready");
    });
  }
}

// Shows the further garments; `pick` has one of them edited. What did not change stays as it is.
export function outfit(pick) {
  const { further, task } = choices();
  if (task !== "generate") return;
  const before = new Map([...$("further").children].map((each) => [each.dataset.said, each]));
  const rows = further.map((one, at) => {
    const said = JSON.stringify([state.draft.id, at, one]);
    return before.get(said) ?? row(one, at, said, pick);
  });
  const held = document.activeElement?.dataset.act;
  if (rows.length !== before.size || rows.some((each) => !before.has(each.dataset.said))) $("further").replaceChildren(...rows);
  for (const each of rows) {
    const on = each.dataset.file === state.garment;
    each.classList.toggle("picked", on);
    each.querySelector("[data-act^=edit]").setAttribute("aria-pressed", String(on));
  }
  if (held && document.activeElement?.dataset.act !== held) document.querySelector(`#further [data-act="${held}"]`)?.focus();
}

function row(one, at, said, pick) {
  const made = element("li", "", { "data-said": said, "data-file": one.file });
  const shown = element("img", "", { alt: `What is cut of ${one.name}`, class: "cut" });
  const about = element("p", `${one.name}: looking…`);
  made.append(shown, about, controls(one, at, pick));
  // After the change that named it has been kept: until then the server knows nothing of it.
  Promise.resolve().then(() => state.saving).then(() => tried(async () => {
    const own = `/studio/drafts/${state.draft.id}/further/${one.file}`;
    try {
      const told = await ask(own);
      const pair = told.pieces > 1 ? `${told.pieces} ` : "";
      about.textContent = [`${one.name}: ${pair}${told.kind}`, ...told.doubts].join("; ");
      shown.src = `${own}/cut.png?at=${Date.now()}`;
    } catch (error) { about.textContent = `${one.name}: ${error.message}`; }
  }));
  return made;
}

function controls(one, at, pick) {
  const line = element("div", "", { class: "row" });
  const set = (next) => change({ further: choices().further.map((each, place) => (place === at ? { ...each, ...next } : each)) }, { step: true });
  const kind = element("select", "", { "aria-label": `Kind of ${one.name}`, "data-act": `kind-${one.file}` });
  kind.append(...KINDS.map((name) => element("option", name, name === one.kind ? { selected: "" } : {})));
  kind.addEventListener("change", () => set({ kind: kind.value }));
  const scale = element("input", "", { type: "number", min: 0.05, max: 16, step: 0.01, placeholder: "scale", "aria-label": `Scale of ${one.name}`, "data-act": `scale-${one.file}` });
  scale.value = one.scale ?? "";
  scale.addEventListener("change", () => set({ scale: Number(scale.value) || null }));
  const own = button("Edit cut", `Edit cut and landmarks of ${one.name}`, `edit-${one.file}`, () => pick(state.garment === one.file ? null : one.file));
  line.append(own, kind, scale, button("↑", `Move ${one.name} up`, `up-${one.file}`, () => move(at, -1)), button("↓", `Move ${one.name} down`, `down-${one.file}`, () => move(at, 1)), button("Remove", `Remove ${one.name}`, `remove-${one.file}`, () => change({ further: choices().further.filter((_, place) => place !== at) }, { step: true })));
  return line;
}

function button(words, name, act, work) {
  const made = element("button", words, { "aria-label": name, "data-act": act });
  made.addEventListener("click", work);
  return made;
}

function move(at, by) {
  const list = [...choices().further];
  const to = at + by;
  if (to < 0 || to >= list.length) return;
  [list[at], list[to]] = [list[to], list[at]];
  change({ further: list }, { step: true });
}
