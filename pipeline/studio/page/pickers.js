// Casting, scene and pose, chosen from pictures.

import { ask, element } from "./api.js";
import { $, choices, option, state } from "./store.js";

function pick(name, value, words, picture_ = null, title = "") {
  const label = element("label", "", { class: "pick", title });
  const radio = element("input", "", { type: "radio", name, value });
  radio.addEventListener("change", () => option(name, value));
  label.append(radio);
  if (picture_ !== null) label.append(element("img", "", { alt: "", loading: "lazy", ...(picture_ ? { src: picture_ } : {}) }));
  label.append(element("span", words));
  return label;
}

// The poses in this garment, drawn once it is cut.
export function thumbnails() {
  if (choices().task !== "generate") return;
  for (const radio of document.querySelectorAll("#poses input")) radio.nextElementSibling.src = `/studio/drafts/${state.draft.id}/poses/${radio.value}.png`;
}

export async function pickers() {
  const lists = await ask("/studio/lists");
  const about = (said) => Object.entries(said).filter(([, value]) => typeof value !== "object").map(([key, value]) => `${key}: ${value}`).join(", ");
  $("castings").append(...Object.entries(lists.castings).map(([name, said]) => pick("casting", name, name, `/v1/castings/${name}/portrait`, about(said))));
  $("scenes").append(pick("scene", "", "preset's own"), ...Object.entries(lists.scenes).map(([name, said]) => pick("scene", name, name, lists.pictured.includes(name) ? `/v1/scenes/${name}/picture` : null, about(said))));
  $("poses").append(...["auto", ...Object.keys(lists.poses)].map((name) => pick("pose", name, name, "")));
}
