"""architecture.py [--check]: what docs/architecture.md says of the code, written from the code.

The states of every case, and which room answers which lower room's transition. `--check` only says whether the document is in step.
The order of floors and rooms is the import contracts' in pyproject.toml.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "architecture.md"
GATHER = "("  # how the contracts mark the modules that gather an app's rooms


def contracts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return found


def floors() -> list[str]:
    """From the ground up."""
    return list(reversed(contracts()[0]["layers"]))


def rooms(floor: str) -> list[str]:
    """From the first to the last; none for a floor without rooms."""
    own = [contract for contract in contracts() if contract.get("containers") == [floor]]
    return [name.strip("()") for name in reversed(own[0]["layers"]) if " : " not in name] if own else []


def place(module: str) -> tuple[int, int]:
    """(floor, room) of a module, to compare which is higher; what gathers an app's rooms stands above them."""
    floor, _, rest = module.partition(".")
    order = rooms(floor)
    room = rest.split(".")[0]
    return floors().index(floor), order.index(room) if room in order else len(order)


def room_name(module: str) -> str:
    return ".".join(module.split(".")[:2] if rooms(module.split(".")[0]) else module.split(".")[:1])


def arrows(model: Any) -> list[tuple[str, str, str]]:
    """(source, target, label) of every arrow, in the order of the states."""
    from casework.workflow import transitions_of

    order = {value: number for number, (value, _) in enumerate(model._meta.get_field("state").flatchoices)}
    found = [
        (str(source), str(step.target), str(step.custom["label"]))
        for method in transitions_of(model).values()
        for source, step in method._django_fsm.transitions.items()
    ]
    return sorted(found, key=lambda arrow: (order[arrow[0]], order[arrow[1]], arrow[2]))


def diagram(model: Any) -> str:
    """One Mermaid stateDiagram; arrows between the same two states share a line."""
    field = model._meta.get_field("state")
    labels: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, target, label in arrows(model):
        labels[(source, target)].append(label)
    lines = ["stateDiagram-v2"]
    lines += [f"    {value}: {label}" for value, label in field.flatchoices]
    lines.append(f"    [*] --> {field.get_default()}")
    lines += [f"    {source} --> {target}: {' / '.join(names)}" for (source, target), names in labels.items()]
    return "\n".join([f"### {str(model._meta.verbose_name).capitalize()}", "", "```mermaid", *lines, "```"])


def states() -> str:
    from casework.workflow import case_models

    models = sorted(case_models(), key=lambda model: (place(model.__module__), model.__name__))
    return "\n\n".join(diagram(model) for model in models)


def purpose(function: Callable[..., Any]) -> str:
    """The first line of its docstring, else its name in words."""
    return (function.__doc__ or function.__name__.replace("_", " ")).strip().splitlines()[0].rstrip(".")


def effects_upward() -> str:
    """Effects that stand in a higher room than the case they answer."""
    from casework.workflow import effects

    rows = [
        (
            place(model.__module__),
            f"{model.__name__}.{name}",
            place(effect.__module__),
            room_name(effect.__module__),
            purpose(effect),
        )
        for (model, name), registered in effects().items()
        for effect in registered
        if place(effect.__module__) > place(model.__module__)
    ]
    return table(("When", "Answered in", "What it does"), ((row[1], row[3], row[4]) for row in sorted(rows)))


def requirements_upward() -> str:
    """Requirements answered in a higher room than the case that names them."""
    from casework.workflow import requirements

    rows = [
        (place(model.__module__), f"{model.__name__}.{name}", requirement, room_name(check.__module__))
        for (model, name, requirement), check in requirements().items()
        if place(check.__module__) > place(model.__module__)
    ]
    return table(("Step", "Requires", "Answered in"), (row[1:] for row in sorted(rows)))


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines])


PARTS: dict[str, Callable[[], str]] = {
    "effects upward": effects_upward,
    "requirements upward": requirements_upward,
    "states": states,
}


def renewed(text: str) -> str:
    """The document with every part between its two marks written anew."""
    for name, write in PARTS.items():
        marks = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        words = write()
        text = marks.sub(lambda found, words=words: f"{found[1]}\n{words}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    before = DOCUMENT.read_text()
    after = renewed(before)
    if "--check" in arguments and before != after:
        sys.stdout.write("docs/architecture.md is not in step with the code. Run: .venv/bin/python scripts/architecture.py\n")
        return 1
    if "--check" not in arguments:
        DOCUMENT.write_text(after)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
