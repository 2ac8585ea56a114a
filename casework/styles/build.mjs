// Makes build/assets/house/: our style sheet, and the component scripts and icons of the two npm packages it builds on.
// Source map references are cut off, because manifest storage refuses a file that names a map which is not there.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const target = join(root, "build", "assets", "house");
const icons = join(root, "node_modules", "@ministryofjustice", "frontend", "moj", "assets", "images");
const script = join(root, "node_modules", "govuk-frontend", "dist", "govuk", "govuk-frontend.min.js");

mkdirSync(join(target, "images"), { recursive: true });

const sheet = sass.compile(join(root, "casework", "styles", "house.scss"), {
  loadPaths: [root, join(root, "node_modules")],
  style: "compressed",
  quietDeps: true,
});
writeFileSync(join(target, "house.css"), sheet.css);

writeFileSync(
  join(target, "govuk-frontend.min.js"),
  readFileSync(script, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, ""),
);

for (const name of readdirSync(icons)) {
  if (/^icon-.*\.svg$/.test(name)) copyFileSync(join(icons, name), join(target, "images", name));
}
