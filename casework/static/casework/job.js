// Says how far work in the background is, every few seconds, and draws the page anew when it is finished.
const place = document.querySelector("[data-job]");
const sentence = document.querySelector("[data-job-sentence]");
const bar = place?.querySelector("progress");
const EVERY = 2000; // milliseconds

async function look() {
  try {
    const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) {
      location.reload();
      return;
    }
    const told = await answer.json();
    if (told.finished) {
      location.reload();
      return;
    }
    // Only what is new is said aloud.
    if (sentence.textContent !== told.sentence) sentence.textContent = told.sentence;
    if (told.total) {
      bar.max = told.total;
      bar.value = told.done;
    }
  } catch {
    // No answer now; the next look may have one.
  }
  setTimeout(look, EVERY);
}

if (place) setTimeout(look, EVERY);
