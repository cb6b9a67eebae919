// The canvas that the garment will lie on, with its skeleton, and the body that will wear it.

import { ask, fetched, picture } from "./api.js";
import { $, choices, say, state, tried } from "./store.js";

const WAIT = 400; // milliseconds without a change before a body is drawn
const KEPT = "onmodel-body"; // where the browser keeps the switch
// What decides how the garment lies, and how the body looks.
const layout = ({ skeleton, task, count, back, options: { prompt, steps, layers, ...options }, ...rest }) => JSON.stringify([options, rest]);
const look = (now) => layout(now) + JSON.stringify(now.skeleton);

const tell = () => { if (state.tool === "joints") say("Drag a joint; “Reset pose” returns to what the garment suggests"); };

export class Fitting {
  constructor(view) {
    this.view = view;
    this.on = localStorage.getItem(KEPT) === "on";
    this.button();
  }

  button() { $("body").setAttribute("aria-pressed", String(this.on)); }

  toggle() {
    this.on = !this.on;
    localStorage.setItem(KEPT, this.on ? "on" : "off");
    this.button();
    if (!this.on) { this.stop(); this.view.body = null; this.view.draw(); say("The body is hidden"); }
    this.shown();
  }

  // Whether the canvas is shown in place of the photo: for joints, and with the body where no tool works on the photo.
  get wanted() { return state.draft?.choices.task === "generate" && (state.tool === "joints" || (this.on && state.tool === "pan")); }

  // Shows the canvas or the photo, as tool and switch have it.
  shown() {
    const { view } = this;
    if (this.wanted) { if (!view.space || (this.on && !view.body)) this.again(0); else tell(); return; }
    this.stop();
    if (view.space) { view.space = view.body = null; view.fit(); }
  }

  // After a change of the choices: what no longer holds is made anew, once they stand still.
  changed(before, after) {
    if (!this.wanted || !this.view.space) this.shown();
    else if (look(before) !== look(after)) this.again(WAIT);
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    $("body-note").textContent = "";
  }

  again(wait) {
    this.stop();
    const asking = this.asking = new AbortController();
    if (this.view.body) this.view.body.old = true;
    this.view.draw();
    this.timer = setTimeout(() => tried(async () => {
      try { await this.answered(asking); } catch (error) { if (asking === this.asking) throw error; } // else given up
    }), wait);
  }

  async answered(asking) {
    const { view } = this;
    const { draft } = state;
    const place = `/studio/drafts/${draft.id}`;
    await state.saving;
    const current = () => asking === this.asking && state.draft === draft;
    if (!current()) return;
    const now = layout(choices());
    if (!view.space || view.space.of !== now) {
      const [space, garment] = await Promise.all([ask(`${place}/canvas`, { signal: asking.signal }), picture(`${place}/canvas.png?at=${Date.now()}`)]);
      if (!current()) return;
      const fits = view.space?.width === space.width && view.space?.height === space.height;
      view.space = { ...space, picture: garment, of: now };
      if (fits) view.draw(); else view.fit();
      tell();
    }
    if (this.on) await this.dressed(asking, place, current);
  }

  async dressed(asking, place, current) {
    const { view } = this;
    $("body-note").textContent = "Drawing the body…";
    try {
      const told = await ask(`${place}/body`, { signal: asking.signal });
      const drawn = await fetched(`${place}/body.png`, asking.signal);
      if (!current()) return;
      view.body = { ...told, picture: drawn };
      $("body-note").textContent = `Worn by ${choices().options.casting ?? "the preset’s casting"}, size ${told.size}`;
    } catch (error) {
      if (!current()) return; // given up for a newer one
      view.body = null;
      $("body-note").textContent = error.message;
    }
    view.draw();
  }
}
