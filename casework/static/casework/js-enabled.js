// Runs before anything is drawn, so that parts which need JavaScript are hidden or shown at once. A file of its own,
// because the content security policy allows no inline script.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
