// The photo on a canvas: cut over a checkerboard, zoomed and moved, with marks, strokes and joints drawn over it.

const LIMBS = [[1, 2], [2, 3], [3, 4], [1, 5], [5, 6], [6, 7], [1, 8], [8, 9], [9, 10], [1, 11], [11, 12], [12, 13], [1, 0]];
const MOST = 8; // 800 %

export class View {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.draft = null;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    new ResizeObserver(() => { this.fit(); }).observe(canvas);
  }

  // photo and matte are pictures; both are laid over the photo's own pixels, width x height.
  show(draft, photo, matte) {
    this.draft = draft;
    this.photo = photo;
    this.matte = matte;
    this.cut = null;
    this.draw();
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
    const box = this.canvas.getBoundingClientRect();
    const dots = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(box.width * dots));
    this.canvas.height = Math.max(1, Math.round(box.height * dots));
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
    this.draw();
  }

  move(dx, dy) {
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
    this.cut = null;
    this.draw();
  }

  // The photo with the matte, inversion and strokes as its alpha.
  cutout() {
    if (this.cut) return this.cut;
    const { choices, width } = this.draft;
    const whole = document.createElement("canvas");
    whole.width = this.photo.naturalWidth;
    whole.height = this.photo.naturalHeight;
    const factor = whole.width / width;
    const context = whole.getContext("2d");
    context.drawImage(this.photo, 0, 0);
    const alpha = alphaOf(this.matte, choices, whole.width, whole.height, factor);
    context.globalCompositeOperation = "destination-in";
    context.drawImage(alpha, 0, 0);
    this.cut = whole;
    return whole;
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const dots = window.devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.draft || !this.photo) return;
    context.setTransform(dots * this.scale, 0, 0, dots * this.scale, dots * this.x, dots * this.y);
    context.imageSmoothingEnabled = this.scale < 3;
    const { width, height, choices } = this.draft;
    if (this.space) {
      const { x, y, scale } = this.space.placement;
      context.strokeStyle = "#777";
      context.lineWidth = 1 / this.scale;
      context.strokeRect(0, 0, this.space.width, this.space.height);
      context.drawImage(this.cutout(), x, y, width * scale, height * scale);
      this.skeleton(context);
    } else if (choices.task === "inpaint" || choices.task === "outpaint" || !this.matte) {
      context.drawImage(this.photo, 0, 0, width, height);
      if (choices.task === "inpaint") this.marked(context);
      if (choices.task === "outpaint") this.framed(context);
    } else {
      context.globalAlpha = 0.18;
      context.drawImage(this.photo, 0, 0, width, height);
      context.globalAlpha = 1;
      context.drawImage(this.cutout(), 0, 0, width, height);
      this.marks(context);
    }
    this.changed(this.scale);
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
    for (const [x, y] of middles) {
      context.beginPath();
      context.arc(x, y, 8 / this.scale, 0, 7);
      context.fillStyle = "#ffb300";
      context.fill();
      context.lineWidth = 1.5 / this.scale;
      context.strokeStyle = "#111";
      context.stroke();
    }
    context.restore();
  }

  marked(context) {
    context.save();
    context.globalAlpha = 0.55;
    for (const stroke of this.draft.choices.strokes) paint(context, stroke, 1, stroke.keep ? "#e0117f" : "#fff");
    context.restore();
  }

  marks(context) {
    if (this.draft.choices.strokes.length || this.draft.choices.inverted) return;
    for (const mark of this.draft.choices.marks) {
      context.beginPath();
      context.arc(mark.x, mark.y, 7 / this.scale, 0, 7);
      context.fillStyle = mark.keep ? "#0a7d28" : "#c4161c";
      context.fill();
      context.lineWidth = 2 / this.scale;
      context.strokeStyle = "#fff";
      context.stroke();
    }
  }

  joints() {
    return this.draft.choices.skeleton?.joints ?? this.space?.joints ?? [];
  }

  skeleton(context) {
    const joints = this.joints();
    context.lineWidth = 4 / this.scale;
    for (const [from, to] of LIMBS) {
      if (!joints[from]?.[2] || !joints[to]?.[2]) continue;
      context.beginPath();
      context.moveTo(joints[from][0], joints[from][1]);
      context.lineTo(joints[to][0], joints[to][1]);
      context.strokeStyle = "#0b57d0";
      context.stroke();
    }
    for (const [x, y, sure] of joints) {
      if (!sure) continue;
      context.beginPath();
      context.arc(x, y, 6 / this.scale, 0, 7);
      context.fillStyle = "#ffb300";
      context.fill();
      context.lineWidth = 1.5 / this.scale;
      context.strokeStyle = "#111";
      context.stroke();
    }
  }
}

function alphaOf(matte, choices, width, height, factor) {
  const made = document.createElement("canvas");
  made.width = width;
  made.height = height;
  const context = made.getContext("2d", { willReadFrequently: true });
  context.drawImage(matte, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    pixels.data[at + 3] = choices.inverted ? 255 - pixels.data[at] : pixels.data[at];
  }
  context.putImageData(pixels, 0, 0);
  for (const stroke of choices.strokes) {
    context.globalCompositeOperation = stroke.keep ? "source-over" : "destination-out";
    paint(context, stroke, factor, "#fff");
  }
  return made;
}

function paint(context, stroke, factor, colour) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = 2 * stroke.radius * factor;
  context.strokeStyle = colour;
  context.beginPath();
  const [first, ...rest] = stroke.path;
  context.moveTo(first[0] * factor, first[1] * factor);
  context.lineTo(first[0] * factor + 0.01, first[1] * factor);
  for (const [x, y] of rest) context.lineTo(x * factor, y * factor);
  context.stroke();
}
