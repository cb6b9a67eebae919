// Strokes, masks and points, drawn with a canvas's own context.

// A canvas with a matte as its alpha, inverted or not, brought to a size.
export function alphaOf(matte, inverted, width, height) {
  const made = document.createElement("canvas");
  made.width = width;
  made.height = height;
  const context = made.getContext("2d", { willReadFrequently: true });
  context.drawImage(matte, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = inverted ? 255 - pixels.data[at] : pixels.data[at];
  context.putImageData(pixels, 0, 0);
  return made;
}

// A picture cut out, on which strokes are painted as they come. `factor` is the picture's pixels to one of the photo, and
// `corner` where it begins in the photo.
export class CutOut {
  constructor(photo, matte, choices, factor, [left, top] = [0, 0]) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = photo.naturalWidth;
    this.canvas.height = photo.naturalHeight;
    const context = this.context = this.canvas.getContext("2d");
    context.drawImage(photo, 0, 0);
    context.globalCompositeOperation = "destination-in";
    context.drawImage(alphaOf(matte, choices.inverted, this.canvas.width, this.canvas.height), 0, 0);
    this.cloth = context.createPattern(photo, "no-repeat");
    this.cloth.setTransform(new DOMMatrix().translate(left, top).scale(1 / factor));
    context.setTransform(factor, 0, 0, factor, -left * factor, -top * factor);
    for (const stroke of choices.strokes) this.stroke(stroke);
  }

  // What is added is the photo's own; what is erased is clear.
  stroke(stroke) {
    this.context.globalCompositeOperation = stroke.keep ? "source-over" : "destination-out";
    paint(this.context, stroke, stroke.keep ? this.cloth : "#000");
  }
}

export function paint(context, stroke, colour) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = 2 * stroke.radius;
  context.strokeStyle = colour;
  context.beginPath();
  const [first, ...rest] = stroke.path;
  context.moveTo(first[0], first[1]);
  context.lineTo(first[0] + 0.01, first[1]);
  for (const [x, y] of rest) context.lineTo(x, y);
  context.stroke();
}

export function dot(context, [x, y], radius, fill, scale, line = "#111") {
  context.beginPath();
  context.arc(x, y, radius / scale, 0, 7);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.5 / scale;
  context.strokeStyle = line;
  context.stroke();
}

const LIMBS = [[1, 2], [2, 3], [3, 4], [1, 5], [5, 6], [6, 7], [1, 8], [8, 9], [9, 10], [1, 11], [11, 12], [12, 13], [1, 0]];

// A skeleton of joints [x, y, confidence], the one that is held larger.
export function bones(context, joints, held, scale) {
  context.lineWidth = 4 / scale;
  context.strokeStyle = "#0b57d0";
  for (const [from, to] of LIMBS) {
    if (!joints[from]?.[2] || !joints[to]?.[2]) continue;
    context.beginPath();
    context.moveTo(joints[from][0], joints[from][1]);
    context.lineTo(joints[to][0], joints[to][1]);
    context.stroke();
  }
  joints.forEach(([x, y, sure], at) => { if (sure) dot(context, [x, y], at === held ? 9 : 6, at === held ? "#fff" : "#ffb300", scale); });
}

export function label(context, words, [x, y], scale) {
  context.font = `${13 / scale}px system-ui, sans-serif`;
  context.lineWidth = 3 / scale;
  context.lineJoin = "round";
  context.strokeStyle = "#fff";
  context.fillStyle = "#111";
  context.strokeText(words, x + 10 / scale, y + 4 / scale);
  context.fillText(words, x + 10 / scale, y + 4 / scale);
}

export function rectangle(context, [x0, y0, x1, y1], scale, colour = "#0b57d0") {
  context.lineWidth = 3 / scale;
  context.strokeStyle = "#fff";
  context.setLineDash([]);
  context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  context.strokeStyle = colour;
  context.setLineDash([8 / scale, 6 / scale]);
  context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  context.setLineDash([]);
}

export function cross(context, [x, y], scale) {
  const arm = 14 / scale;
  for (const [colour, width] of [["#fff", 5], ["#111", 2]]) {
    context.beginPath();
    context.moveTo(x - arm, y); context.lineTo(x + arm, y);
    context.moveTo(x, y - arm); context.lineTo(x, y + arm);
    context.strokeStyle = colour;
    context.lineWidth = width / scale;
    context.stroke();
  }
}
