// A test: each answer is saved as it is given, and the time left is said politely. Without this file the form
// sends everything at the end and the server keeps the time.
const form = document.querySelector("form[data-save-url]");
const saved = document.querySelector("[data-saved]");
const waiting = new Map();

const send = async (name, body) => {
  waiting.set(name, body);
  try {
    const answer = await fetch(form.dataset.saveUrl, {
      method: "POST",
      body,
      keepalive: true,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    });
    if (!answer.ok || answer.redirected) throw answer.status;
    if (waiting.get(name) === body) waiting.delete(name);
    const said = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).words : "";
    if (saved) saved.textContent = waiting.size ? saved.dataset.fail : said || saved.dataset.ok;
  } catch {
    if (saved) saved.textContent = saved.dataset.fail;
  }
};

if (form) {
  form.addEventListener("change", ({ target }) => {
    if (!target.name) return;
    const body = new URLSearchParams();
    const all = new FormData(form);
    // Hidden fields (attempt, question) go along, so that the server knows what is answered.
    for (const field of form.querySelectorAll("input[type=hidden]")) body.append(field.name, field.value);
    body.append("changed", target.name);
    for (const value of all.getAll(target.name)) body.append(target.name, value);
    send(target.name, body);
  });
  addEventListener("online", () => waiting.forEach((body, name) => send(name, body)));
}

const clock = document.querySelector("[data-seconds-left]");
if (clock) {
  const end = performance.now() + 1000 * clock.dataset.secondsLeft;
  const say = document.querySelector("[data-say]");
  let before = Infinity;
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    const minutes = Math.ceil(left / 60);
    clock.textContent = left < 60 ? clock.dataset.last : clock.dataset.minutes.replace("{n}", minutes);
    if (say && before > 300 && left <= 300 && left > 60) say.textContent = say.dataset.five;
    if (say && before > 60 && left <= 60) say.textContent = say.dataset.one;
    before = left;
    if (left > 0) return setTimeout(tick, left > 90 ? 5000 : 1000);
    if (form) {
      form.noValidate = true;
      form.requestSubmit();
    }
  };
  tick();
}
