// Follows a long job: asks data-url every two seconds while the page is looked at, and loads the page anew when
// the job is over, so that the server draws the result.
for (const card of document.querySelectorAll("[data-job]")) {
  const put = (selector, text) => {
    const place = card.querySelector(selector);
    if (place && text !== undefined && text !== null) place.textContent = text;
  };
  let timer;
  let misses = 0;
  const ask = async () => {
    try {
      const answer = await fetch(card.dataset.url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw answer.status;
      const job = await answer.json();
      misses = 0;
      if (job.state !== "queued" && job.state !== "running") return location.reload();
      if (job.total > 0) card.querySelector(".bar rect")?.setAttribute("width", `${(100 * job.done) / job.total}%`);
      put("[data-words]", job.words);
      put("[data-left]", job.left);
    } catch {
      misses += 1;
    }
    if (!document.hidden) timer = setTimeout(ask, misses ? Math.min(30000, 2000 * 2 ** misses) : 2000);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  timer = setTimeout(ask, 2000);
}
