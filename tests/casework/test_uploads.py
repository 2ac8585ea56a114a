"""Files that are too large, not what they say, or gone: a sentence each time, and nothing left behind."""

from __future__ import annotations

import gc
import io
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from casework.documents.checks import check_upload
from casework.documents.models import Document
from casework.documents.services import attach
from tests.factories import ReturnFactory, member
from tests.grants.bid_world import PDF, complete_bid, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
MB = 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Path:
    """Where uploads are written while they arrive."""
    settings.FILE_UPLOAD_TEMP_DIR, settings.UPLOAD_LIMIT_MB = str(tmp_path), 4
    return tmp_path


def large(name: str, mb: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + b"x" * (mb * MB), content_type="application/pdf")


def test_a_file_past_the_limit_is_named_with_the_limit_and_leaves_nothing_on_the_disk(disk: Path, sign_in: Any) -> None:
    place = world()
    bid = complete_bid(place)
    address = f"/bids/{bid.reference}/attachments/"
    gc.disable()
    try:
        answer = sign_in(place.coordinator).post(address, {"version": "1", "kind": "Accounts", "file": large("a.pdf", 9)})
        assert list(disk.iterdir()) == []
    finally:
        gc.enable()
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"file": ["The selected file must be smaller than 4MB"]}
    page = answer.content.decode()
    assert 'href="#id_file"' in page
    assert answer.context["form"]["kind"].value() == "Accounts"
    assert not Document.objects.exists()


def test_a_file_below_the_limit_is_kept_and_its_temporary_file_is_not(disk: Path, sign_in: Any) -> None:
    place = world()
    bid = complete_bid(place)
    address = f"/bids/{bid.reference}/attachments/"
    answer = sign_in(place.coordinator).post(address, {"version": "1", "kind": "Accounts", "file": large("a.pdf", 3)})
    assert answer.status_code == 302
    assert (Document.objects.get().name, Document.objects.get().size) == ("a.pdf", len(PDF) + 3 * MB)
    answer.close()
    assert list(disk.iterdir()) == []


class TestRequestsBeyondTheLimit:
    """The limits are lowered to whole megabytes that a test can send."""

    @pytest.fixture(autouse=True)
    def limits(self, monkeypatch: Any) -> None:
        monkeypatch.setattr("casework.middleware.LARGEST_REQUEST_MB", 6)
        monkeypatch.setattr("casework.middleware.LARGEST_READ_MB", 12)

    def test_what_was_typed_beside_the_file_is_kept_and_nothing_reaches_the_disk(self, disk: Path, sign_in: Any) -> None:
        place = world()
        bid = complete_bid(place)
        sent = {"version": "1", "kind": "Accounts", "file": large("a.pdf", 9)}
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/attachments/", sent)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"file": ["The selected file must be smaller than 4MB"]}
        assert answer.context["form"]["kind"].value() == "Accounts"
        assert list(disk.iterdir()) == []
        assert not Document.objects.exists()

    def test_several_files_that_are_too_large_together_say_so(self, disk: Path, sign_in: Any) -> None:
        place = world()
        bid = complete_bid(place)
        files = {"file": large("a.pdf", 3), "other": large("b.pdf", 3), "third": large("c.pdf", 1)}
        answer = sign_in(place.coordinator).post(
            f"/bids/{bid.reference}/attachments/", {"version": "1", "kind": "Accounts", **files}
        )
        assert answer.context["form"].errors == {"file": ["The selected files are too large together – send one file at a time"]}
        assert answer.context["form"]["kind"].value() == "Accounts"

    def test_a_text_that_was_typed_beside_evidence_is_kept_too(self, disk: Path, sign_in: Any) -> None:
        case = ReturnFactory()
        sent = {"version": "1", "kind": "Photo", "upload": large("a.pdf", 9)}
        answer = sign_in(member(case.bid.applicant)).post(f"/returns/{case.reference}/attachments/", sent)
        assert answer.status_code == 422
        assert answer.context["form"]["kind"].value() == "Photo"

    def test_strangers_and_still_larger_requests_get_a_page_before_anything_is_read(self, disk: Path, sign_in: Any) -> None:
        place = world()
        bid = complete_bid(place)
        address = f"/bids/{bid.reference}/attachments/"
        sent = {"version": "1", "kind": "Accounts"}
        for client, mb in ((Client(), 9), (sign_in(place.coordinator), 13)):
            answer = client.post(address, {**sent, "file": large("a.pdf", mb)})
            assert answer.status_code == 413
            assert "Use your browser’s Back button" in answer.content.decode()
        urlencoded = sign_in(place.coordinator).post(
            address, b"kind=" + b"x" * 7 * MB, content_type="application/x-www-form-urlencoded"
        )
        assert urlencoded.status_code == 413


@pytest.mark.parametrize("mb", [0, 3])
def test_a_name_that_no_disk_holds_is_an_error_at_the_field(mb: int, disk: Path, sign_in: Any) -> None:
    place = world()
    bid = complete_bid(place)
    sent = {"version": "1", "kind": "Accounts", "file": large(f"a.{'b' * 300}", mb)}
    answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/attachments/", sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"file": ["The name of the selected file must be 150 characters or less"]}


def office_file() -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return bytearray(out.getvalue())


def test_an_archive_of_a_version_to_come_is_not_what_its_name_says() -> None:
    content = office_file()
    assert check_upload(SimpleUploadedFile("a.docx", bytes(content))).endswith("wordprocessingml.document")
    directory = content.index(b"PK\x01\x02")
    content[directory + 6] = 99  # "version needed to extract"
    with pytest.raises(ValidationError, match="not what its name says"):
        check_upload(SimpleUploadedFile("a.docx", bytes(content)))


@pytest.mark.parametrize("cut", range(4, 120, 9))
def test_a_broken_archive_is_never_a_failure(cut: int) -> None:
    content = office_file()
    for broken in (content[:cut], content[:-cut], content[:cut] + b"\xff" * 40 + content[cut + 40 :]):
        with suppress(ValidationError):
            check_upload(SimpleUploadedFile("a.docx", bytes(broken)))


def test_a_file_that_is_gone_from_the_disk_is_a_sentence(sign_in: Any, django_capture_on_commit_callbacks: Any) -> None:
    place = world()
    bid = complete_bid(place)
    with django_capture_on_commit_callbacks(execute=True):
        document = attach(bid, pdf("terms.pdf"), kind="Other", by=place.coordinator)
    client = sign_in(place.coordinator)
    assert b"".join(client.get(document.get_absolute_url()).streaming_content) == PDF
    document.path.unlink()
    gone = client.get(document.get_absolute_url())
    assert gone.status_code == 503
    assert "“terms.pdf” is on record, but the service cannot read it." in gone.content.decode()
    assert sign_in(place.officer).get(document.get_absolute_url()).status_code == 404


def test_an_upload_that_is_rolled_back_is_never_served_and_is_swept(sign_in: Any) -> None:
    """Within a test nothing commits, so the file keeps its temporary name, as after a failure."""
    place = world()
    bid = complete_bid(place)
    document = attach(bid, pdf("terms.pdf"), kind="Other", by=place.coordinator)
    assert not document.path.exists()
    assert document.path.with_suffix(".part").exists()
    assert sign_in(place.coordinator).get(document.get_absolute_url()).status_code == 503
    assert Path(tempfile.gettempdir()) in document.path.parents


def test_an_upload_that_is_cancelled_leaves_nothing(disk: Path, sign_in: Any) -> None:
    """What had arrived would be a whole PDF by its content: the part that never ended counts as no file."""
    place = world()
    bid = complete_bid(place)
    given = {'"version"': "1", '"kind"': "Quote", '"file"; filename="a.pdf"': (PDF + b" " * 3 * MB).decode()}
    sent = "".join(f"--edge\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n" for name, value in given.items())
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/attachments/"

    def send(content: bytes, length: int) -> Any:
        extra: Any = {"wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(length)}
        return client.generic("POST", path, b"replaced", content_type="multipart/form-data; boundary=edge", **extra)

    whole = f"{sent}--edge--\r\n".encode()
    send(whole[: -2 * MB], len(whole))
    gc.collect()
    assert list(disk.iterdir()) == []
    assert not Document.objects.exists()
    assert send(whole, len(whole)).status_code == 302
    assert Document.objects.get().name == "a.pdf"


def test_a_script_that_shows_the_progress_is_told_where_to_go_on(sign_in: Any) -> None:
    place = world()
    bid = complete_bid(place)
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/attachments/"
    answer = client.post(path, {"version": "1", "kind": "Quote", "file": pdf()}, headers={"X-Upload": "1"})
    assert answer.json() == {"url": path}
    assert "“quote.pdf” is attached." in client.get(path).content.decode()
    refused = client.post(path, {"version": "2", "kind": "Quote"}, headers={"X-Upload": "1"})
    assert (refused.status_code, "Select a file" in refused.content.decode()) == (422, True)
