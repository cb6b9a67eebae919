// Collections: a draft becomes rows of one; one is run, watched, and judged with keys.

import { ask, element, put } from "./api.js";
import { $, say, state, tried } from "./store.js";

const PAGE = 60; // rows that are shown at a time
const EVERY = 1000; // milliseconds between two looks at a run
const MARKS = { a: "approved", r: "rejected", u: null };
const now = { id: "", start: 0, show: "all", rows: [], looking: null };
const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const place = (rest = "") => `/studio/collections/${now.id}${rest}`;

export async function collections() {
  const found = await ask("/studio/collections");
  $("collections").replaceChildren(element("option", found.length ? "choose one" : "none yet", { value: "" }), ...found.map((each) => element("option", each.name, { value: each.id })));
  $("collections").value = now.id;
  return found;
}

async function choose(id) {
  Object.assign(now, { id, start: 0, show: "all" });
  $("show").value = "all";
  $("collections").value = id;
  $("collection-work").hidden = !id;
  if (id) await refresh();
}

async function refresh() {
  const { id } = now;
  const [told, listed] = await Promise.all([ask(place()), ask(place(`/rows?start=${now.start}&count=${PAGE}&show=${now.show}`)).catch(unlisted)]);
  if (now.id !== id) return;
  const { counts } = listed;
  const cutOff = told.state === "interrupted";
  const running = told.state !== "idle" && !cutOff;
  const share = running ? `${told.state}: ${told.done + told.failed} of ${told.rows}` : cutOff ? "interrupted: the studio ended during the run" : "not running";
  $("progress").textContent = [share, `${counts.ok} done, ${counts.failed} failed, ${counts.pending} to do`, `${counts.approved} approved, ${counts.rejected} rejected`, ...told.doing, told.error || listed.error].filter(Boolean).join(" · ");
  $("run-bar").max = Math.max(1, counts.all);
  $("run-bar").value = counts.ok + counts.failed;
  $("run").disabled = running || !counts.all;
  $("run").textContent = cutOff ? "Go on" : "Run";
  $("stop").disabled = told.state === "idle" || told.state === "stopping";
  $("run-command").textContent = told.command;
  const total = counts[now.show];
  $("pager").textContent = total ? `${now.start + 1} to ${Math.min(total, now.start + PAGE)} of ${total.toLocaleString("en")}` : "none";
  $("back").disabled = now.start === 0;
  $("on").disabled = now.start + PAGE >= total;
  draw(listed.rows);
  clearTimeout(now.looking);
  if (running || cutOff) now.looking = setTimeout(() => tried(refresh), EVERY);
}

// What is shown of a collection whose manifest cannot be read.
function unlisted(error) {
  return { counts: Object.fromEntries([...$("show").options].map((each) => [each.value, 0])), rows: [], error: error.message };
}

// Cards are made again only where their row has changed, so that the focus stays.
function draw(rows) {
  const before = new Map([...$("rows").children].map((each) => [each.dataset.row, each]));
  const cards = rows.map((row) => {
    const held = before.get(row.id);
    const text = JSON.stringify(row);
    return held?.dataset.said === text ? held : card(row, text, held);
  });
  now.rows = rows;
  const active = document.activeElement?.dataset.row;
  $("rows").replaceChildren(...cards);
  const there = active && cards.find((each) => each.dataset.row === active);
  for (const each of cards) each.tabIndex = each === (there ?? cards[0]) ? 0 : -1;
  if (there) there.focus();
}

function card(row, text) {
  const made = element("li", "", { class: `row-card ${row.mark}`, "data-row": row.id, "data-said": text, tabindex: -1 });
  const at = place(`/rows/${row.id}`);
  if (row.status === "ok") {
    const both = element("div", "", { class: "both" });
    for (const [kind, words] of [["before", `${row.id} as photographed`], ["after", row.id]]) both.append(element("img", "", { src: `${at}/${kind}?${row.sha256.slice(0, 8)}`, alt: words, loading: "lazy" }));
    made.append(both);
  }
  const measured = row.seam === null ? "" : ` · seam ${row.seam.toFixed(2)}`;
  made.append(element("p", `${row.id}${row.mark ? ` · ${row.mark}` : ""}`), element("p", row.error || `${row.status}${row.seed === null ? "" : ` · seed ${row.seed}`}${measured}`, { class: "soft" }));
  if (row.status === "ok") {
    const line = element("div", "", { class: "row" });
    for (const [words, mark] of [["Approve", "approved"], ["Reject", "rejected"]]) {
      const button = element("button", words, { "aria-pressed": String(row.mark === mark), "aria-label": `${words} ${row.id}`, tabindex: -1 });
      button.addEventListener("click", () => tried(() => judge(row, row.mark === mark ? null : mark)));
      line.append(button);
    }
    line.append(element("a", "picture", { href: `${at}/png`, download: `${row.id}.png`, tabindex: -1 }), element("a", "receipt", { href: `${at}/json`, download: `${row.id}.json`, tabindex: -1 }));
    made.append(line);
  }
  return made;
}

async function judge(row, mark) {
  await put(place("/marks"), { id: row.id, sha256: row.sha256, mark });
  say(`${row.id} ${mark ?? "has no mark"}`);
  await refresh();
}

function stepped(from, by) {
  const cards = [...$("rows").children];
  const to = cards[Math.min(cards.length - 1, Math.max(0, cards.indexOf(from) + by))];
  for (const each of cards) each.tabIndex = each === to ? 0 : -1;
  to?.focus();
}

$("rows").addEventListener("keydown", (event) => {
  const at = event.target.closest("li");
  const row = now.rows.find((each) => each.id === at?.dataset.row);
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const across = Math.max(1, Math.round($("rows").clientWidth / at.offsetWidth));
  const steps = { arrowleft: -1, arrowright: 1, arrowup: -across, arrowdown: across, home: -PAGE, end: PAGE };
  if (key in steps) { event.preventDefault(); stepped(at, steps[key]); }
  else if (key in MARKS && row.status === "ok") {
    event.preventDefault();
    if (row.mark !== MARKS[key]) tried(() => judge(row, MARKS[key]));
    stepped(at, 1);
  } else if (key === "enter" && event.target === at) { event.preventDefault(); at.classList.toggle("large"); }
});
$("collections").addEventListener("change", () => tried(() => choose($("collections").value)));
$("show").addEventListener("change", () => { Object.assign(now, { show: $("show").value, start: 0 }); tried(refresh); });
$("back").addEventListener("click", () => { now.start = Math.max(0, now.start - PAGE); tried(refresh); });
$("on").addEventListener("click", () => { now.start += PAGE; tried(refresh); });
$("run").addEventListener("click", () => tried(async () => { await post(place("/run"), {}); await refresh(); }));
$("stop").addEventListener("click", () => tried(async () => { await ask(place("/run"), { method: "DELETE" }); say("Stopping: rows under way are finished"); await refresh(); }));
$("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  tried(async () => { const made = await post("/studio/collections", { name: $("new-name").value.trim() }); $("new-name").value = ""; now.id = made.id; await collections(); await choose(made.id); });
});
$("elsewhere").addEventListener("submit", (event) => {
  event.preventDefault();
  tried(async () => { const made = await post("/studio/collections/open", { manifest: $("manifest").value.trim(), out: $("out-folder").value.trim() }); now.id = made.id; await collections(); await choose(made.id); });
});
$("collect").addEventListener("click", () => tried(async () => {
  await state.saving;
  if (!now.id) {
    const made = await post("/studio/collections", { name: "My collection" });
    now.id = made.id;
    await collections();
  }
  const { rows } = await post(place("/rows"), { draft: state.draft.id });
  await choose(now.id);
  say(`Added as ${rows.join(", ")}`);
}));

// A run that goes on after a restart, or was interrupted, is shown without being looked for.
tried(async () => {
  const under = (await collections()).find((each) => each.state !== "idle");
  if (under) await choose(under.id);
});
