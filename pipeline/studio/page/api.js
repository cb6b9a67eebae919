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

// A picture whose refusal is an Error with the server's own sentence, and which can be given up by `signal`.
export async function fetched(path, signal) {
  const answer = await fetch(path, { signal });
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `the server answered with ${answer.status}`);
  const at = URL.createObjectURL(await answer.blob());
  try { return await picture(at); } finally { URL.revokeObjectURL(at); }
}

export function element(tag, words = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = words;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
