// Saves a form while somebody types, through the address and the code of its own Save button. The page works the same without it.
// A save that fails says so and changes nothing on the page.
const status = document.querySelector("[data-autosave]");
const form = status?.closest("form");
const AFTER = 4000; // milliseconds without a key
const LONGEST = 15000; // an answer that takes longer has failed

let timer = null;
let running = null;
let sent = "";
let tried = "";
let leaving = false;

function typed() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value instanceof File || name === "csrfmiddlewaretoken") data.delete(name);
  }
  return data;
}

function text(data) {
  return JSON.stringify([...data].filter(([name]) => name !== "basis" && name !== "version" && !name.endsWith("-key")));
}

function say(words, failed) {
  status.textContent = words;
  status.classList.toggle("house-autosave--failed", failed);
}

async function save() {
  clearTimeout(timer);
  const data = typed();
  const now = text(data);
  if (now === sent) return;
  tried = now;
  data.set("autosave", "1");
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST),
      keepalive: now.length < 60000,
    });
    if (answer.type === "opaqueredirect") {
      say("Not saved: your session has ended. What you typed is still here. Save the page to sign in again and keep it.", true);
      return;
    }
    const told = await answer.json();
    if (told.saved) {
      for (const [name, value] of Object.entries(told.fields)) {
        if (form.elements[name]) form.elements[name].value = value;
      }
      sent = now;
      say(told.note ? `Saved at ${told.saved}. ${told.note}` : `Saved at ${told.saved}.`, Boolean(told.note));
    } else {
      say(`Not saved: ${told.problem}. What you typed is still here.`, true);
    }
  } catch {
    say("Not saved: there was no answer. What you typed is still here; it is tried again when you type.", true);
  }
}

function begin() {
  if (leaving) return;
  running ??= save().finally(() => {
    running = null;
    if (!leaving && text(typed()) !== tried) plan();
  });
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(begin, AFTER);
}

if (form) {
  sent = tried = text(typed());
  form.addEventListener("input", plan);
  form.addEventListener("change", plan);
  window.addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") begin();
  });
  // The button waits for a save that is on its way: two at once would meet as if two people had typed.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    leaving = true; // the page hides as it goes: what the button sends needs no second save
    if (!running) return;
    event.preventDefault();
    running.finally(() => {
      clearTimeout(timer);
      form.requestSubmit(event.submitter);
    });
  });
}
