// One card a picture: progress with cancel, then before and after, faults, receipt, proof and downloads.

import { ask, element, picture } from "./api.js";
import { arranged, enlarge, fit, glass, zoom } from "./compare.js";

const EVERY = 500; // milliseconds between two looks at what is under way
const LARGE = 4e6; // pixels of a picture that the page is sent smaller, until somebody zooms in
const MOST = 24e6; // pixels of one that it is sent whole even then
const live = new Map();
let looking = null;

export function card(id, draft, say, gone) {
  const made = element("article", "", { class: "card", "aria-label": "Picture" });
  made.append(element("h3", "Waiting"));
  live.set(id, { draft, made, say, gone });
  looking ??= look();
  return made;
}

// One request after another, however many pictures are under way: a stream for each would take up all that a browser
// opens to one server.
async function look() {
  while (live.size) {
    for (const [id, entry] of [...live]) {
      const { draft, made, say, gone } = entry;
      let said;
      try { said = await ask(`/v1/pictures/${id}`); } catch (error) {
        if (error.status === 404) { live.delete(id); made.remove(); }
        if (error.status === 401) { live.clear(); say(error.message); break; }
        continue; // the server is being begun again
      }
      if (said.state === "queued" || said.state === "running") { entry.watched = true; progress(said, made, say); continue; }
      live.delete(id);
      const tell = entry.watched ? say : () => {}; // of what ended long ago nothing is said
      ended(said, draft, made, say, tell, gone).catch((error) => say(error.message));
    }
    await new Promise((over) => setTimeout(over, EVERY));
  }
  looking = null;
}

function progress(said, made, say) {
  const words = said.state === "queued" ? `Waiting, ${said.ahead} before it` : said.progress ? `${said.progress.stage}` : "Begins";
  const steps = said.progress && said.progress.total > 1 ? ` ${said.progress.done} of ${said.progress.total}` : "";
  if (made.dataset.shown === words + steps) return;
  made.dataset.shown = words + steps;
  const bar = element("progress", "", { max: said.progress?.total || 1, "aria-label": words });
  if (said.progress) bar.value = said.progress.done;
  const cancel = element("button", "Cancel");
  const held = document.activeElement?.parentElement === made;
  cancel.addEventListener("click", async () => {
    try { await ask(`/v1/pictures/${said.id}`, { method: "DELETE" }); say("Cancelled: it ends at its next step"); } catch (error) { say(error.message); }
  });
  made.replaceChildren(element("h3", words + steps), bar, cancel);
  if (held) cancel.focus();
}

async function ended(said, draft, made, say, tell, gone) {
  const remove = element("button", "Remove");
  remove.addEventListener("click", async () => {
    try { await ask(`/v1/pictures/${said.id}`, { method: "DELETE" }); made.remove(); arranged(); gone(said.id); } catch (error) { say(error.message); }
  });
  if (said.state !== "done") {
    made.replaceChildren(element("h3", said.state), element("p", said.error ?? ""), remove);
    tell(`${said.state}: ${said.error ?? ""}`);
    return;
  }
  const receipt = await ask(said.links.receipt);
  const pixels = receipt.output.width * receipt.output.height;
  const large = pixels > LARGE;
  const [after, before] = await Promise.all([
    picture(large ? `/studio/pictures/${said.id}/shown.jpg` : said.links.picture), picture(`/studio/drafts/${draft.id}/photo.jpg`),
  ]);
  const seen = comparison(receipt, draft, after, before);
  const whole = glass(seen.canvas, once(async () => { if (large && pixels <= MOST) seen.sharper(await picture(said.links.picture)); }));
  made.replaceChildren(element("h3", `Seed ${receipt.seed}`), whole, seen.label, looks(said, made, seen, say), facts(receipt), paper(receipt), actions(said, receipt, say, remove));
  tell("Picture done");
}

function comparison(receipt, draft, after, before) {
  const canvas = element("canvas", "", { role: "img", "aria-label": receipt.alt || "The picture; the slider below shows the photo" });
  const label = element("label", "After and before");
  const slider = element("input", "", { type: "range", min: 0, max: 100, value: 100 });
  label.append(slider);
  const { x, y, scale } = receipt.placement;
  const seen = { canvas, label };
  seen.draw = () => {
    const context = canvas.getContext("2d");
    const factor = canvas.width / receipt.output.width;
    const edge = (canvas.width * slider.value) / 100;
    context.fillStyle = "#808080";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(before, x * factor, y * factor, draft.width * scale * factor, draft.height * scale * factor);
    const { naturalWidth, naturalHeight } = seen.shown;
    if (edge >= 1) context.drawImage(seen.shown, 0, 0, (naturalWidth * slider.value) / 100, naturalHeight, 0, 0, edge, canvas.height);
  };
  seen.sharper = (whole) => {
    if (seen.shown === seen.after) seen.shown = whole;
    seen.after = whole;
    canvas.width = whole.naturalWidth;
    canvas.height = whole.naturalHeight;
    seen.draw();
  };
  slider.addEventListener("input", seen.draw);
  seen.sharper(after);
  return seen;
}

// Calls `work` the first time alone; what goes wrong leaves the picture as it is.
function once(work) {
  let begun = null;
  return () => { begun ??= work().catch(() => {}); };
}

// How the picture is looked at: large, beside others that are, or as a map of its faults.
function looks(said, made, seen, say) {
  const row = element("div", "", { class: "row" });
  const toggle = (words, work) => {
    const button = element("button", words, { "aria-pressed": "false" });
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      try { await work(on); button.setAttribute("aria-pressed", String(on)); } catch (error) { say(error.message); }
    });
    return button;
  };
  const closer = element("span", "", { class: "row" });
  closer.hidden = true;
  for (const [words, name, work] of [["−", "Zoom out", () => zoom(0.8)], ["+", "Zoom in", () => zoom(1.25)], ["Fit", "Fit the picture", fit]]) {
    const button = element("button", words, { "aria-label": `${name}, with all large pictures`, title: "Wheel, + - 0 and arrow keys on the picture; all large pictures follow" });
    button.addEventListener("click", () => work());
    closer.append(button);
  }
  row.append(toggle("Large", (on) => { enlarge(made, on); closer.hidden = !on; }), closer);
  if (said.links.faults) {
    const key = element("p", "Seam red, halo yellow, expansion blue; a circle marks the worst of the seam.", { class: "key" });
    key.hidden = true;
    let map = null;
    row.append(toggle("Faults", async (on) => {
      map ??= await picture(said.links.faults);
      seen.shown = on ? map : seen.after;
      key.hidden = !on;
      seen.draw();
    }), key);
  }
  return row;
}

function facts(receipt) {
  const list = element("ul");
  list.append(element("li", `${receipt.kept.core_pixels.toLocaleString("en")} kept pixels, ${receipt.kept.changed} changed`));
  for (const name of ["seam", "halo", "expansion"]) {
    if (receipt.checks[name] !== null) list.append(element("li", `${name} ${receipt.checks[name].toFixed(3)}`));
  }
  list.append(element("li", `${receipt.output.width} × ${receipt.output.height}, ${receipt.seconds.total.toFixed(1)} s`));
  for (const words of receipt.warnings) list.append(element("li", words));
  return list;
}

function paper(receipt) {
  const made = element("details");
  made.append(element("summary", "Receipt"));
  made.addEventListener("toggle", () => { if (made.open && !made.querySelector("pre")) made.append(element("pre", JSON.stringify(receipt, null, 1), { tabindex: 0 })); });
  return made;
}

function actions(said, receipt, say, remove) {
  const row = element("div", "", { class: "row" });
  const endings = { picture: ".png", mask: ".mask.png", receipt: ".json", layers: ".ora", garments: ".garments.png" };
  for (const [name, ending] of Object.entries(endings)) {
    if (said.links[name]) row.append(element("a", name, { href: said.links[name], download: `${said.id}${ending}` }));
  }
  const verify = element("button", "Verify");
  verify.addEventListener("click", async () => {
    verify.disabled = true;
    say("Proving the picture from its files…");
    try {
      const proof = await ask(said.links.proof);
      const words = proof.proven ? `Proven: ${proof.core_pixels.toLocaleString("en")} kept pixels equal the photo's` : `Not proven: ${proof.failures.join("; ")}`;
      row.append(element("p", words, { class: "proof" }));
      say(words);
    } catch (error) { say(error.message); verify.disabled = false; }
  });
  row.append(verify, remove);
  return row;
}
