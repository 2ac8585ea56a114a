// Shows how far an upload is and lets it be cancelled. The form is sent as it would be without this; the page works the same without it.
const STEP = 25; // per cent between two announcements

function bind(place) {
  const form = place.closest("form");
  const bar = place.querySelector("progress");
  const status = form.querySelector("[data-upload-status]");
  const button = form.querySelector("button[type=submit]");

  function rest(words) {
    place.hidden = true;
    button.disabled = false;
    status.textContent = words;
  }

  form.addEventListener("submit", (event) => {
    const chosen = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    if (!chosen || event.defaultPrevented) return;
    event.preventDefault();
    if (button.disabled) return;
    const request = new XMLHttpRequest();
    let told = 0;
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "1");
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      const percent = Math.floor((100 * sent.loaded) / sent.total);
      bar.value = percent;
      if (percent >= 100) {
        status.textContent = "Uploaded. The file is being checked.";
      } else if (percent >= told + STEP) {
        told = percent - (percent % STEP);
        status.textContent = `${told}% uploaded.`;
      }
    });
    request.addEventListener("load", () => answered(request, form));
    request.addEventListener("error", () => rest("The file was not uploaded, because the connection broke. Try again."));
    request.addEventListener("abort", () => rest("Cancelled. Nothing was uploaded."));
    place.querySelector("[data-upload-cancel]").onclick = () => request.abort();
    bar.value = 0;
    place.hidden = false;
    status.textContent = "Uploading the file.";
    button.disabled = true;
    request.send(new FormData(form));
  });
}

async function answered(request, form) {
  if ((request.getResponseHeader("Content-Type") ?? "").startsWith("application/json")) {
    location.assign(JSON.parse(request.responseText).url);
    return;
  }
  // Somewhere else: the session had ended, and this is the page for signing in.
  if (new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
    location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  const { initAll } = await import(document.querySelector("script[data-govuk-frontend]").dataset.govukFrontend);
  initAll({ scope: main });
  main.querySelectorAll("[data-upload]").forEach(bind);
}

document.querySelectorAll("[data-upload]").forEach(bind);
