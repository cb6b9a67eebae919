// What a pointer and the keys do on the photo with each tool.

import { $, change, choices, cuts, edit, edited, option, rewritten, say, state, tried } from "./store.js";

const CURSORS = { pan: "grab", joints: "move", landmarks: "move" };
const SIDES = { left: "ew-resize", right: "ew-resize", top: "ns-resize", bottom: "ns-resize" };
const JOINTS = ["nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist", "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle", "right eye", "left eye", "right ear", "left ear"];
const SWAPPED = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16];
const NEAR = 24; // pixels of the screen in which a point is caught

export class Hand {
  constructor(view, canvas) {
    this.view = view;
    this.canvas = canvas;
    this.held = null;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    canvas.addEventListener("pointerup", () => this.up(true));
    canvas.addEventListener("pointercancel", () => this.up(false));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      view.zoom(Math.exp(-event.deltaY / 400), [event.clientX - box.left, event.clientY - box.top]);
    }, { passive: false });
  }

  get cursor() { return CURSORS[state.tool] ?? "crosshair"; }

  down(event) {
    if (!state.draft || event.button > 1) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.view.cursor = null;
    const at = this.view.at(event);
    const tool = event.button === 1 ? "pan" : state.tool;
    this.held = { x: event.clientX, y: event.clientY, tool, from: at };
    const side = tool === "pan" && event.button === 0 ? this.view.side(event) : null;
    if (side) Object.assign(this.held, { side, before: choices() });
    else if (tool === "keep" || tool === "drop") { this.click(at); this.held = null; }
    else if (tool === "brush" || tool === "erase") { this.stroke([at]); }
    else if (tool === "joints" || tool === "landmarks") this.caught(at);
  }

  // A click of the tool that is chosen, at a point of the photo.
  click([x, y]) {
    const { width, height } = this.view.draft;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const at = { x: Math.floor(x), y: Math.floor(y) };
    if (cuts(choices().task)) edit({ marks: [...edited().marks, { ...at, keep: state.tool === "keep" }] });
    else option("point", `${at.x},${at.y}`);
  }

  stroke(path) {
    this.held.before ??= choices();
    this.held.path = path;
    const radius = Math.max(0.5, Number($("radius").value) / 2 / this.view.scale);
    const stroke = { keep: state.tool === "brush", radius, path: [...path] };
    state.draft.choices = rewritten({ strokes: [...edited(this.held.before).strokes, stroke] });
    this.view.stroked(stroke);
  }

  // Every point that can be dragged now, by its key: a joint's number, or a landmark's name.
  points() {
    if (state.tool === "joints" && this.view.space) return Object.fromEntries(this.view.joints().map(([x, y, sure], at) => [at, [x, y, sure]]).filter(([, joint]) => joint[2]));
    return state.tool === "landmarks" ? this.view.landmarks ?? {} : {};
  }

  caught([x, y]) {
    const far = Object.entries(this.points()).map(([key, point]) => [Math.hypot(point[0] - x, point[1] - y), key]);
    const [least, key] = far.reduce((best, each) => (each[0] < best[0] ? each : best), [Infinity, null]);
    if (least > NEAR / this.view.scale) { this.held = null; return; }
    this.select(key);
    Object.assign(this.held, { point: key, before: choices() });
  }

  select(key) {
    this.view.held = state.tool === "joints" ? Number(key) : key;
    const name = state.tool === "joints" ? JOINTS[key] : key.replace("_", " ");
    const [x, y] = this.points()[key];
    say(`${name} at ${Math.round(x)}, ${Math.round(y)}; arrow keys move it`);
    this.view.draw();
  }

  // Returns the choices with one point elsewhere, and shows it there.
  put(key, [x, y]) {
    if (state.tool === "joints") {
      const { width, height } = this.view.space;
      const joints = this.view.joints().map((joint, at) => (at === Number(key) ? [x, y, joint[2]] : joint));
      return { ...choices(), skeleton: { width, height, joints } };
    }
    const { width, height } = this.view.draft;
    const [u, v] = [Math.min(width - 1, Math.max(0, Math.round(x))), Math.min(height - 1, Math.max(0, Math.round(y)))];
    this.view.landmarks = { ...this.view.landmarks, [key]: [u, v] };
    const { options } = edited();
    const others = (options.landmark ?? []).filter((each) => !each.startsWith(`${key}=`));
    return rewritten({ options: { ...options, landmark: [...others, `${key}=${u},${v}`] } });
  }

  moved(event) {
    const { held, view } = this;
    if (!held) {
      if (state.tool === "pan") this.canvas.style.cursor = SIDES[view.side(event)] ?? "grab";
      return;
    }
    const [x, y] = view.at(event);
    if (held.side) {
      const { width, height } = view.draft;
      const grown = { left: -x, right: x - width, top: -y, bottom: y - height }[held.side];
      const { aspect, ...rest } = held.before.options; // a frame that is dragged has the shape that it is dragged to
      state.draft.choices = { ...choices(), options: { ...rest, [held.side]: String(Math.max(0, Math.round(grown))) } };
      view.draw();
    } else if (held.tool === "pan") {
      view.move(event.clientX - held.x, event.clientY - held.y);
      Object.assign(held, { x: event.clientX, y: event.clientY });
    } else if (held.path) this.stroke([...held.path, [x, y]]);
    else if (held.tool === "box") {
      view.drawn = this.box(held.from, [x, y]);
      view.draw();
    } else if (held.point !== undefined) {
      state.draft.choices = this.put(held.point, [x, y]);
      view.draw();
    }
  }

  box([x0, y0], [x1, y1]) {
    const { width, height } = this.view.draft;
    const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)));
    const across = [within(x0, width), within(x1, width)].sort((a, b) => a - b);
    const down = [within(y0, height), within(y1, height)].sort((a, b) => a - b);
    return [across[0], down[0], across[1], down[1]];
  }

  up(kept) {
    const { held, view } = this;
    this.held = null;
    if (held?.tool === "box") {
      const box = view.drawn;
      view.drawn = null;
      const name = cuts(choices().task) ? "garment_box" : "box";
      const large = box && box[2] - box[0] > 2 && box[3] - box[1] > 2;
      if (kept && (large || edited().options[name])) option(name, large ? box.join(",") : null);
      else view.draw();
    } else if (held?.before) {
      const next = choices();
      state.draft.choices = held.before;
      if (kept && JSON.stringify(next) !== JSON.stringify(held.before)) change(next, { step: true }); else view.stale();
    }
  }

  mirror() {
    const old = this.view.joints();
    const axis = old[1][0];
    const { width, height } = this.view.space;
    change({ skeleton: { width, height, joints: SWAPPED.map((from) => [2 * axis - old[from][0], old[from][1], old[from][2]]) } }, { step: true });
  }

  // Lets the garment decide joints or landmarks again; of a cut, forgets clicks, strokes and masks.
  reset() {
    const { landmark, garment_box, box, point, ...rest } = edited().options;
    if (state.tool === "joints") change({ skeleton: null }, { step: true });
    else if (state.tool === "landmarks") edit({ options: { ...rest, ...(garment_box ? { garment_box } : {}) } });
    else edit({ marks: [], strokes: [], inverted: false, mask: null, options: { ...rest, ...(landmark ? { landmark } : {}) } });
  }

  // Arrow keys: a point that is held, a cross for the tool that is chosen, or the view. Returns whether that was all.
  arrow([dx, dy], far) {
    const { view } = this;
    const step = (far ? 20 : 2) / view.scale;
    const key = this.view.held;
    const point = key === null || key === undefined ? null : this.points()[key];
    if (point) {
      change(this.put(key, [point[0] + dx * step, point[1] + dy * step]), { step: true });
      this.select(key);
    } else if (state.tool === "pan" || state.tool === "joints" || state.tool === "landmarks") view.move(-40 * dx, -40 * dy);
    else {
      const box = this.canvas.getBoundingClientRect();
      const [x, y] = view.cursor ?? view.at({ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 });
      view.cursor = [x + dx * step, y + dy * step];
      say(`At ${Math.round(view.cursor[0])}, ${Math.round(view.cursor[1])}; space uses the tool there`);
      view.draw();
    }
  }

  // The space bar: the tool is used where the cross is. A box takes two: its corners.
  use() {
    const at = this.view.cursor;
    if (!at) return;
    if (state.tool === "keep" || state.tool === "drop") this.click(at);
    else if (state.tool === "brush" || state.tool === "erase") {
      this.held = { tool: state.tool };
      this.stroke([at]);
      this.up(true);
    } else if (state.tool === "box" && this.corner) {
      this.held = { tool: "box" };
      this.view.drawn = this.box(this.corner, at);
      this.corner = null;
      this.up(true);
    } else if (state.tool === "box") {
      this.corner = at;
      say("One corner is set; space sets the other");
    }
  }

  next(back) {
    const names = Object.keys(this.points());
    if (!names.length) return;
    const at = names.indexOf(String(this.view.held ?? ""));
    tried(() => this.select(names[(at + (back ? -1 : 1) + names.length) % names.length]));
  }
}
