// Asks the server; what goes wrong becomes an Error with the server's own sentence.

export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const kind = answer.headers.get("Content-Type") ?? "";
  const body = kind.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw Object.assign(new Error(body?.detail ?? `the server answered with ${answer.status}`), { status: answer.status });
  return body;
}

export const put = (path, body) =>
  ask(path, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export async function picture(path) {
  const image = new Image();
  image.src = path;
  await image.decode();
  return image;
}

export function element(tag, words = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = words;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
