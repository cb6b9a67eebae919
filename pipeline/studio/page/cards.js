// One card a picture: progress with cancel, then before and after, receipt, proof and downloads.

import { ask, element, picture } from "./api.js";

export function card(id, draft, say, gone) {
  const made = element("article", "", { class: "card", "aria-label": "Picture" });
  made.append(element("h3", "Waiting"));
  follow(id, draft, made, say, gone);
  return made;
}

function follow(id, draft, made, say, gone) {
  const events = new EventSource(`/v1/pictures/${id}/events`);
  let over = false;
  events.addEventListener("progress", (event) => progress(JSON.parse(event.data), made, say));
  events.addEventListener("end", (event) => {
    over = true;
    events.close();
    ended(JSON.parse(event.data), draft, made, say, gone);
  });
  events.addEventListener("error", async () => {
    if (over) return;
    try { await ask(`/v1/pictures/${id}`); } catch { events.close(); made.remove(); } // it is gone; else the browser asks again
  });
}

function progress(said, made, say) {
  const words = said.state === "queued" ? `Waiting, ${said.ahead} before it` : said.progress ? `${said.progress.stage}` : "Begins";
  const bar = element("progress", "", { max: said.progress?.total || 1, "aria-label": words });
  if (said.progress) bar.value = said.progress.done;
  const cancel = element("button", "Cancel");
  const held = document.activeElement?.parentElement === made;
  cancel.addEventListener("click", async () => {
    try { await ask(`/v1/pictures/${said.id}`, { method: "DELETE" }); say("Cancelled: it ends at its next step"); } catch (error) { say(error.message); }
  });
  const steps = said.progress && said.progress.total > 1 ? ` ${said.progress.done} of ${said.progress.total}` : "";
  made.replaceChildren(element("h3", words + steps), bar, cancel);
  if (held) cancel.focus();
}

async function ended(said, draft, made, say, gone) {
  const remove = element("button", "Remove");
  remove.addEventListener("click", async () => {
    try { await ask(`/v1/pictures/${said.id}`, { method: "DELETE" }); made.remove(); gone(said.id); } catch (error) { say(error.message); }
  });
  if (said.state !== "done") {
    made.replaceChildren(element("h3", said.state), element("p", said.error ?? ""), remove);
    say(`${said.state}: ${said.error ?? ""}`);
    return;
  }
  const [receipt, after, before] = await Promise.all([
    ask(said.links.receipt), picture(said.links.picture), picture(`/studio/drafts/${draft.id}/photo.jpg`),
  ]);
  made.replaceChildren(element("h3", `Seed ${receipt.seed}`), ...comparison(receipt, draft, after, before), facts(receipt), actions(said, receipt, say, remove));
  say("Picture done");
}

function comparison(receipt, draft, after, before) {
  const canvas = element("canvas", "", { role: "img", "aria-label": "The picture; the slider below shows the photo" });
  canvas.width = after.naturalWidth;
  canvas.height = after.naturalHeight;
  const label = element("label", "After and before");
  const slider = element("input", "", { type: "range", min: 0, max: 100, value: 100 });
  label.append(slider);
  const { x, y, scale } = receipt.placement;
  const show = () => {
    const context = canvas.getContext("2d");
    const edge = (canvas.width * slider.value) / 100;
    context.fillStyle = "#808080";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(before, x, y, draft.width * scale, draft.height * scale);
    if (edge >= 1) context.drawImage(after, 0, 0, edge, canvas.height, 0, 0, edge, canvas.height);
  };
  slider.addEventListener("input", show);
  show();
  return [canvas, label];
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

function actions(said, receipt, say, remove) {
  const row = element("div", "", { class: "row" });
  for (const name of ["picture", "mask", "receipt", "layers"]) {
    const ending = { picture: ".png", mask: ".mask.png", receipt: ".json", layers: ".ora" }[name];
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
