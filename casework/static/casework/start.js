// Starts the GOV.UK components. Their address carries a hash of its content, so the page passes it on the script element.
const { govukFrontend } = document.querySelector("script[data-govuk-frontend]").dataset;
const { initAll } = await import(govukFrontend);
initAll();
