"""Are the dependencies pinned, in step and without addresses? Every one that pyproject.toml names must be in the compiled file."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted() -> dict[str, list[str]]:
    """Names by the compiled file that must pin them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, tools = project["dependencies"], project["optional-dependencies"]["dev"]
    return {"base.txt": runtime, "dev.txt": [*runtime, *tools]}


def unmet(requirement: str, version: str) -> bool:
    """Whether the pinned version is below a `>=` or not below a `<` of the requirement."""
    bounds = re.findall(r"(>=|<)\s*([0-9.]+)", requirement)
    return any(
        (numbers(version) < numbers(bound)) if sign == ">=" else (numbers(version) >= numbers(bound)) for sign, bound in bounds
    )


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def faults_of_requirements() -> list[str]:
    found = []
    for name, requirements in wanted().items():
        text = (ROOT / "requirements" / name).read_text()
        pins = {plain(package): version for package, version in PIN.findall(text)}
        for requirement in requirements:
            package = plain(NAME.match(requirement).group())  # type: ignore[union-attr]
            if package not in pins:
                found.append(f"requirements/{name} does not pin {package}, which pyproject.toml asks for.")
            elif unmet(requirement, pins[package]):
                found.append(f"requirements/{name} pins {package} {pins[package]}; pyproject.toml asks for {requirement}.")
        if ADDRESS.search(text):
            found.append(f"requirements/{name} names an address.")
        if any("==" in line and not line.rstrip().endswith("\\") for line in text.splitlines() if not line.startswith(" ")):
            found.append(f"requirements/{name} has a pin without hashes: compile it with --generate-hashes.")
    return found


def faults_of_packages() -> list[str]:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    asked = json.loads((ROOT / "package.json").read_text())["dependencies"]
    found = [f"package-lock.json names an address for {key}." for key, entry in lock["packages"].items() if "resolved" in entry]
    if lock["packages"][""]["dependencies"] != asked:
        found.append("package-lock.json is not in step with package.json: run npm install --package-lock-only.")
    return found


def main() -> int:
    found = [*faults_of_requirements(), *faults_of_packages()]
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
