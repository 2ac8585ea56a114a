"""Small real files for the demonstration, drawn here so that nobody else's file is carried along."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile


def letter(title: str, about: str) -> SimpleUploadedFile:
    """A one-page PDF of two lines."""
    return SimpleUploadedFile(f"{title}.pdf", pdf([title, about]), content_type="application/pdf")


def pdf(lines: list[str]) -> bytes:
    """The fewest objects that make a page of text: catalogue, pages, page, font, content, with their table of offsets."""
    shown = "".join(f"({_plain(line)}) Tj 0 -28 Td " for line in lines)
    content = f"BT /F1 16 Tf 72 760 Td {shown}ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


def _plain(text: str) -> str:
    """Brackets and backslashes mean something in a PDF's strings."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return escaped.encode("cp1252", "replace").decode("cp1252")
