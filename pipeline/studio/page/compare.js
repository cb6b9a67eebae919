// Large pictures under one magnifying glass: what is zoomed or moved in one is so in all, as candidates are compared.

const MOST = 16; // times the size at which a picture fits the page
const STEP = 1.25;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const look = { zoom: 1, x: 0.5, y: 0.5 }; // the middle of what is seen, as shares of a picture's sides
const sharpened = new WeakMap(); // by canvas, what shows its picture in more pixels

const shown = () => [...document.querySelectorAll(".card.large canvas")];
const within = (value) => Math.min(1 - 0.5 / look.zoom, Math.max(0.5 / look.zoom, value));

function applied() {
  look.x = within(look.x);
  look.y = within(look.y);
  for (const canvas of shown()) {
    canvas.style.transform = `translate(${50 - 100 * look.x * look.zoom}%, ${50 - 100 * look.y * look.zoom}%) scale(${look.zoom})`;
    canvas.parentElement.classList.toggle("zoomed", look.zoom > 1);
    canvas.classList.toggle("pixels", (canvas.offsetWidth * look.zoom * (window.devicePixelRatio || 1)) / canvas.width > 3);
    if (look.zoom > 1) sharpened.get(canvas)();
  }
}

// What lies at a point of the glass, given in shares of its sides, stays there.
export function zoom(factor, [across, down] = [0.5, 0.5]) {
  const next = Math.min(MOST, Math.max(1, look.zoom * factor));
  look.x += (across - 0.5) * (1 / look.zoom - 1 / next);
  look.y += (down - 0.5) * (1 / look.zoom - 1 / next);
  look.zoom = next;
  applied();
}

export function fit() {
  Object.assign(look, { zoom: 1, x: 0.5, y: 0.5 });
  applied();
}

function move(dx, dy) {
  look.x -= dx / look.zoom;
  look.y -= dy / look.zoom;
  applied();
}

// Makes a card large, or small again; two or more large ones stand side by side.
export function enlarge(card, on) {
  const canvas = card.querySelector("canvas");
  card.classList.toggle("large", on);
  if (on) canvas.setAttribute("tabindex", "0");
  else { canvas.removeAttribute("tabindex"); canvas.style.transform = ""; canvas.parentElement.classList.remove("zoomed"); }
  arranged();
}

// Has the cards stand as many are large; call it, too, where one is taken away.
export function arranged() {
  const many = shown().length;
  document.getElementById("cards").classList.toggle("comparing", many > 1);
  if (many) applied(); else fit();
}

// Puts a canvas under the glass; `sharpen` is called when it is zoomed, and shows its picture in all its pixels.
export function glass(canvas, sharpen) {
  const made = document.createElement("div");
  made.className = "glass";
  made.append(canvas);
  sharpened.set(canvas, sharpen);
  const large = () => canvas.closest(".card.large") !== null;
  made.addEventListener("wheel", (event) => {
    if (!large() || (look.zoom === 1 && event.deltaY > 0)) return; // the page scrolls on
    event.preventDefault();
    const box = made.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 400), [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }, { passive: false });
  let held = null;
  made.addEventListener("pointerdown", (event) => {
    if (!large() || look.zoom === 1 || event.button) return;
    made.setPointerCapture(event.pointerId);
    held = [event.clientX, event.clientY];
  });
  made.addEventListener("pointermove", (event) => {
    if (!held) return;
    const box = made.getBoundingClientRect();
    move((event.clientX - held[0]) / box.width, (event.clientY - held[1]) / box.height);
    held = [event.clientX, event.clientY];
  });
  for (const over of ["pointerup", "pointercancel"]) made.addEventListener(over, () => { held = null; });
  canvas.addEventListener("keydown", (event) => {
    if (!large() || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: fit };
    const [dx, dy] = ARROWS[event.key] ?? [];
    if (dx !== undefined && look.zoom > 1) move(-0.1 * dx, -0.1 * dy);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return made;
}
