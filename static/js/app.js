// A form is sent once: a second press is ignored until the page is shown again, or for ten seconds when the
// answer is a download and the page stays.
const free = (form) => {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
};
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(free, 10000, form);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

if (document.querySelector("[data-job]")) import("./job.js");
if (document.querySelector("[data-save-url],[data-seconds-left]")) import("./test.js");
