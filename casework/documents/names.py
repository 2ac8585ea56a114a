"""What an uploaded file is called here: its own name, without what a disk, a zip or an address could trip over."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

LONGEST = 150
"""Characters that the column holds."""
_UNFIT = re.compile(r'[<>:"|?*]')
# Names that Windows keeps for its devices, whatever their ending: an archive with one in it cannot be unpacked there.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """The last part of a path, without control and direction characters, cut to what the column holds with its ending kept.

    "..\\\\..\\\\etc\\\\plan?.pdf" becomes "plan_.pdf". It is only shown and offered for saving: what lies on the disk has a random name.
    """
    last = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    plain = "".join(character for character in last if character.isprintable())
    plain = _UNFIT.sub("_", plain).strip(". ") if plain.strip(". ") else "file"
    if _DEVICE.match(plain):
        plain = f"_{plain}"
    path = PurePath(plain)
    return path.stem[: LONGEST - len(path.suffix)].rstrip(". ") + path.suffix[:LONGEST]
