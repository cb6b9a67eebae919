// The photo on a canvas: cut over a checkerboard, zoomed and moved, with marks, strokes and joints drawn over it.

import { picture } from "./api.js";
import { alphaOf, bones, cross, CutOut, dot, label, paint, rectangle } from "./paint.js";
import { at, cuts, state } from "./store.js";

const MOST = 8; // 800 %
const PINK = "#e0117f"; // what is to be painted anew
const FAINT = 0.18; // of what is not kept
const PART = 12e6; // most pixels of the photo that are fetched at once

export class View {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.draft = null;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.fitted = true;
    new ResizeObserver(() => { this.resized(); }).observe(canvas);
  }

  // A view that was zoomed or moved keeps its middle when the page changes its size.
  resized() {
    if (this.fitted) { this.fit(); return; }
    const before = [this.canvas.width, this.canvas.height];
    this.sized();
    const dots = window.devicePixelRatio || 1;
    this.move((this.canvas.width - before[0]) / 2 / dots, (this.canvas.height - before[1]) / 2 / dots);
  }

  sized() {
    const box = this.canvas.getBoundingClientRect();
    const dots = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(box.width * dots));
    this.canvas.height = Math.max(1, Math.round(box.height * dots));
    return box;
  }

  // draft has the size of the photo and the choices for its garment; photo and matte are pictures, laid over its pixels.
  show(draft, photo, matte) {
    this.draft = draft;
    this.photo = photo;
    this.matte = matte;
    this.landmarks = this.cursor = this.drawn = this.detail = this.space = this.body = null;
    this.stale();
  }

  get size() {
    const wide = this.space;
    return wide ? [wide.width, wide.height] : [this.draft?.width ?? 1, this.draft?.height ?? 1];
  }

  // The grown frame of outpaint in pixels of the photo, [x0, y0, x1, y1], as `stages/canvas/frame.py` works it out.
  get frame() {
    const { width, height, choices } = this.draft;
    const grown = (text, whole) => Math.max(0, Math.round(String(text ?? 0).trim().endsWith("%") ? (whole * parseFloat(text)) / 100 : parseFloat(text))) || 0;
    const { left, top, right, bottom, aspect } = choices.options;
    const box = [-grown(left, width), -grown(top, height), width + grown(right, width), height + grown(bottom, height)];
    const [across, down] = String(aspect ?? "").split(":").map(Number);
    const wanted = across > 0 ? across / (down > 0 ? down : 1) : 0;
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    if (wanted) {
      const more = wanted > wide / high ? [Math.round(high * wanted) - wide, 0] : [0, Math.round(wide / wanted) - high];
      box[0] -= Math.floor(more[0] / 2);
      box[2] += Math.ceil(more[0] / 2);
      box[1] -= Math.floor(more[1] / 2);
      box[3] += Math.ceil(more[1] / 2);
    }
    return box;
  }

  // The side of the frame under a pointer: left, top, right or bottom; null if none is within 14 pixels of the screen.
  side(event) {
    if (this.draft?.choices.task !== "outpaint") return null;
    const [x, y] = this.at(event);
    const [x0, y0, x1, y1] = this.frame;
    const near = 14 / this.scale;
    if (x < x0 - near || x > x1 + near || y < y0 - near || y > y1 + near) return null;
    const far = { left: Math.abs(x - x0), right: Math.abs(x - x1), top: Math.abs(y - y0), bottom: Math.abs(y - y1) };
    const [name, least] = Object.entries(far).reduce((best, each) => (each[1] < best[1] ? each : best));
    return least <= near ? name : null;
  }

  fit() {
    const box = this.sized();
    this.fitted = true;
    const [width, height] = this.size;
    if (this.draft?.choices.task === "outpaint") { // with room around, to drag the frame into
      const [x0, y0, x1, y1] = this.frame;
      this.scale = Math.min(box.width / (x1 - x0), box.height / (y1 - y0)) * 0.7;
      this.x = box.width / 2 - ((x0 + x1) / 2) * this.scale;
      this.y = box.height / 2 - ((y0 + y1) / 2) * this.scale;
    } else {
      this.scale = Math.min(box.width / width, box.height / height) * 0.96;
      this.x = (box.width - width * this.scale) / 2;
      this.y = (box.height - height * this.scale) / 2;
    }
    this.draw();
  }

  zoom(factor, at = null) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = at ?? [box.width / 2, box.height / 2];
    const next = Math.min(MOST, Math.max(0.02, this.scale * factor));
    this.x = x - ((x - this.x) * next) / this.scale;
    this.y = y - ((y - this.y) * next) / this.scale;
    this.scale = next;
    this.fitted = false;
    this.draw();
  }

  move(dx, dy) {
    this.fitted = false;
    this.x += dx;
    this.y += dy;
    this.draw();
  }

  // From the canvas's own pixels to the photo's, or to those of the grown canvas while joints are shown.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left - this.x) / this.scale, (event.clientY - box.top - this.y) / this.scale];
  }

  stale() {
    this.cut = this.sharp = this.pink = null;
    this.draw();
  }

  // What lies under the pointer is shown in the photo's own pixels, once the view stands still and is near enough.
  sharpen() {
    clearTimeout(this.waiting);
    if (!this.draft || !this.photo || this.space || this.photo.naturalWidth >= this.draft.width) return;
    if (this.scale * (window.devicePixelRatio || 1) * this.draft.width <= 1.3 * this.photo.naturalWidth) return;
    this.waiting = setTimeout(() => this.fetched(), 250);
  }

  async fetched() {
    const { draft } = this;
    const { width, height } = draft;
    const box = this.canvas.getBoundingClientRect();
    const low = (from, size) => Math.max(0, Math.min(size - 1, Math.floor(-from / this.scale)));
    const high = (from, span, size) => Math.max(1, Math.min(size, Math.ceil((span - from) / this.scale)));
    const part = [low(this.x, width), low(this.y, height), high(this.x, box.width, width), high(this.y, box.height, height)];
    if (part[2] <= part[0] || part[3] <= part[1] || (part[2] - part[0]) * (part[3] - part[1]) > PART) return;
    const { matte } = this;
    if (this.detail && this.detail.of === matte && String(this.detail.part) === String(part)) return;
    try {
      const [photo, own] = await Promise.all([picture(at(`part/photo?box=${part}`)), matte ? picture(at(`part/matte?box=${part}&at=${Date.now()}`)) : null]);
      if (this.draft !== draft || this.matte !== matte) return;
      this.detail = { part, photo, matte: own, of: matte };
      this.sharp = null;
      this.draw();
    } catch { /* what is shown stays as it is */ }
  }

  cutout() {
    this.cut ??= new CutOut(this.photo, this.matte, this.draft.choices, this.photo.naturalWidth / this.draft.width);
    return this.cut.canvas;
  }

  // Paints the end of a stroke that is being drawn, without what the whole would cost.
  stroked(stroke) {
    const last = { ...stroke, path: stroke.path.slice(-2) };
    if (cuts(this.draft.choices.task)) for (const each of [this.cut, this.sharp]) each?.stroke(last);
    this.draw();
  }

  // The detail as a cut-out, laid over the coarser one.
  sharpened(context, faint) {
    if (!this.detail || this.detail.of !== this.matte) return;
    const { part: [x0, y0, x1, y1], photo, matte } = this.detail;
    context.save();
    if (matte && faint) {
      context.clearRect(x0, y0, x1 - x0, y1 - y0);
      context.globalAlpha = FAINT;
      context.drawImage(photo, x0, y0, x1 - x0, y1 - y0);
      context.globalAlpha = 1;
      this.sharp ??= new CutOut(photo, matte, this.draft.choices, 1, [x0, y0]);
      context.drawImage(this.sharp.canvas, x0, y0, x1 - x0, y1 - y0);
    } else context.drawImage(photo, x0, y0, x1 - x0, y1 - y0);
    context.restore();
  }

  // Draws once for all that happens before the screen is next shown.
  draw() {
    this.drawing ??= requestAnimationFrame(() => { this.drawing = null; this.shown(); });
  }

  shown() {
    const context = this.canvas.getContext("2d");
    const dots = window.devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.draft || !this.photo) return;
    context.setTransform(dots * this.scale, 0, 0, dots * this.scale, dots * this.x, dots * this.y);
    context.imageSmoothingEnabled = this.scale < 3;
    const { width, height, choices } = this.draft;
    const kept = choices.task !== "inpaint" && choices.task !== "outpaint" && this.matte;
    if (this.space) {
      this.worn(context);
      if (state.tool === "joints") bones(context, this.joints(), this.held, this.scale);
    } else {
      context.globalAlpha = kept ? FAINT : 1;
      context.drawImage(this.photo, 0, 0, width, height);
      context.globalAlpha = 1;
      if (kept) context.drawImage(this.cutout(), 0, 0, width, height);
      this.sharpened(context, kept);
      this.over(context, choices);
    }
    if (this.cursor) cross(context, this.cursor, this.scale);
    this.changed(this.scale);
    this.sharpen();
  }

  // What is said of the photo, drawn over it.
  over(context, choices) {
    const { task, options } = choices;
    if (task === "inpaint") this.marked(context);
    else if (task === "outpaint") this.framed(context);
    else this.marks(context);
    const box = this.drawn ?? (task === "inpaint" ? options.box : task === "outpaint" ? null : options.garment_box);
    if (box && !(choices.mask && !this.drawn)) rectangle(context, String(box).split(",").map(Number), this.scale);
    if (this.landmarks) for (const [name, point] of Object.entries(this.landmarks)) {
      dot(context, point, name === this.held ? 9 : 6, name === this.held ? "#fff" : "#ffb300", this.scale);
      label(context, name.replace("_", " "), point, this.scale);
    }
  }

  // The canvas with the garment on it, and on the body where one was drawn; a body that is out of date is faint.
  worn(context) {
    const { width, height, box, picture: garment } = this.space;
    const part = ([x0, y0, x1, y1]) => [x0, y0, x1 - x0, y1 - y0];
    const within = ([x0, y0, x1, y1]) => part([x0 * width, y0 * height, x1 * width, y1 * height]);
    context.strokeStyle = "#777";
    context.lineWidth = 1 / this.scale;
    context.strokeRect(...within(this.body?.frame ?? [0, 0, 1, 1]));
    if (!this.body || this.body.old) context.drawImage(garment, ...part(box));
    if (!this.body) return;
    context.globalAlpha = this.body.old ? 0.5 : 1;
    context.drawImage(this.body.picture, ...within(this.body.box));
    context.globalAlpha = 1;
  }

  framed(context) {
    const [x0, y0, x1, y1] = this.frame;
    const { width, height } = this.draft;
    context.save();
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.rect(0, 0, width, height);
    context.fillStyle = "#0b57d055";
    context.fill("evenodd");
    context.lineWidth = 3 / this.scale;
    context.strokeStyle = "#0b57d0";
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
    const middles = [[x0, (y0 + y1) / 2], [x1, (y0 + y1) / 2], [(x0 + x1) / 2, y0], [(x0 + x1) / 2, y1]];
    for (const middle of middles) dot(context, middle, 8, "#ffb300", this.scale);
    context.restore();
  }

  marked(context) {
    context.save();
    context.globalAlpha = 0.55;
    const { strokes } = this.draft.choices;
    if (this.matte) {
      if (!this.pink) {
        this.pink = alphaOf(this.matte, this.draft.choices.inverted, this.photo.naturalWidth, this.photo.naturalHeight);
        const over = this.pink.getContext("2d");
        over.globalCompositeOperation = "source-in";
        over.fillStyle = PINK;
        over.fillRect(0, 0, this.pink.width, this.pink.height);
      }
      context.drawImage(this.pink, 0, 0, this.draft.width, this.draft.height);
    }
    for (const stroke of strokes) paint(context, stroke, stroke.keep ? PINK : "#fff");
    context.restore();
  }

  marks(context) {
    const { strokes, inverted, mask, marks } = this.draft.choices;
    if (strokes.length || inverted || mask) return;
    for (const { x, y, keep } of marks) dot(context, [x, y], 7, keep ? "#0a7d28" : "#c4161c", this.scale, "#fff");
  }

  joints() {
    const moved = this.draft.choices.skeleton;
    if (!moved || !this.space) return moved?.joints ?? this.space?.joints ?? [];
    const [across, down] = [this.space.width / moved.width, this.space.height / moved.height]; // as a run reads them
    return moved.joints.map(([x, y, sure]) => [x * across, y * down, sure]);
  }
}
