"""Who sees which bid, what their pages say, what a page costs, and files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.content import content
from grants.bids.services import attach_file, save_details, save_outcomes
from grants.bids.views.versions import paper_context
from grants.models import Bid
from partnerships.organisations.roles import Role
from tests.factories import PASSWORD, OrganisationFactory, RoundFactory, member, officer
from tests.grants.bid_world import complete_bid, details, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
PAGES = [
    "",
    "check/",
    "details/",
    "outcomes/",
    "questions/project/",
    "budget/",
    "measures/",
    "milestones/",
    "attachments/",
    "submit/",
    "withdraw/",
    "versions/1/",
    "versions/1/bid.pdf",
    "bid.pdf",
    "submitted/",
]


def two_partnerships():
    """One council that answers for two partnerships, with a bid, a file and people of each."""
    place = world()
    other = OrganisationFactory(name="Fenland CSP", short_name="Fenland", usual_accountable_body=place.council)
    stranger = member(other, Role.COORDINATOR, name="Fen Coordinator")
    bid = complete_bid(place, title="Secret of Huntingdonshire")
    return place, other, stranger, bid


def stored_files() -> set[Path]:
    return {path for path in Path(settings.DOCUMENT_ROOT).rglob("*") if path.is_file()}


class TestNothingLeaks:
    def test_another_partnership_finds_nothing_by_address(self, sign_in, django_capture_on_commit_callbacks):
        place, other, stranger, bid = two_partnerships()
        complete_bid(place, applicant=other, title="Own bid of Fenland", accountable_body=place.council)
        with django_capture_on_commit_callbacks(execute=True):
            document = attach_file(bid=bid, upload=pdf(), kind="Quote", by=place.coordinator)
        client = sign_in(stranger)
        assert b"".join(sign_in(place.coordinator).get(document.get_absolute_url()).streaming_content).startswith(b"%PDF")
        assert client.get(document.get_absolute_url()).status_code == 404
        perform(bid, "submit", by=place.signatory)
        for page in PAGES:
            assert client.get(f"/bids/{bid.reference}/{page}").status_code == 404, page
            assert client.post(f"/bids/{bid.reference}/{page}", {"version": "1"}).status_code in (404, 405), page
        listed = client.get("/bids/?q=bid").content.decode()
        assert "Own bid of Fenland" in listed
        assert "Secret of Huntingdonshire" not in client.get("/bids/").content.decode()
        assert place.partnership.name not in client.get("/bids/").content.decode()

    def test_the_excel_file_holds_what_the_list_holds(self, sign_in):
        place, other, stranger, _ = two_partnerships()
        own = complete_bid(place, applicant=other, title="=1+1", accountable_body=place.council)
        answer = sign_in(stranger).get("/bids/", {"export": "xlsx", "round": place.round.pk, "q": ""})
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        rows = [[cell.value for cell in row][:2] for row in sheet.iter_rows(min_row=2)]
        assert rows == [[own.reference, "=1+1"]]
        assert sheet["B2"].data_type == "s"

    def test_the_councils_people_see_only_bids_that_name_it(self, sign_in):
        place, _, _, named = two_partnerships()
        elsewhere = complete_bid(place, accountable_body=OrganisationFactory(council=True), title="Answered for by another")
        client = sign_in(place.signatory)
        assert client.get(f"/bids/{named.reference}/").status_code == 200
        assert client.get(f"/bids/{elsewhere.reference}/").status_code == 404
        assert sign_in(member(place.council, Role.COORDINATOR)).get(f"/bids/{named.reference}/").status_code == 404

    def test_delivering_gives_no_sight(self, sign_in):
        _, other, stranger, bid = two_partnerships()
        Bid.objects.filter(pk=bid.pk).update(delivery_body=other)
        assert sign_in(stranger).get(f"/bids/{bid.reference}/").status_code == 404

    def test_the_office_sees_no_draft_and_no_text_under_change(self, sign_in):
        place, _, _, bid = two_partnerships()
        client = sign_in(place.officer)
        assert client.get(f"/bids/{bid.reference}/").status_code == 404
        perform(bid, "submit", by=place.signatory)
        perform(bid, "begin_assessment", by=place.officer)
        assert "The bid as submitted" in client.get(f"/bids/{bid.reference}/").content.decode()
        perform(bid, "return_for_changes", by=place.officer, reason="More detail")
        sent = details(Bid.objects.get(pk=bid.pk), summary="Half a new thought")
        assert sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", sent).status_code == 302
        page = client.get(f"/bids/{bid.reference}/").content.decode()
        assert "Half a new thought" not in page
        assert client.get(f"/bids/{bid.reference}/check/").status_code == 404

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.CHAIR, Role.DELIVERY_LEAD])
    def test_the_partnerships_other_people_read_and_do_not_write(self, sign_in, role):
        place, _, _, bid = two_partnerships()
        client = sign_in(member(place.partnership, role))
        page = client.get(f"/bids/{bid.reference}/").content.decode()
        assert "Read the whole bid" in page
        assert f"/bids/{bid.reference}/details/" not in page
        answer = client.post(f"/bids/{bid.reference}/details/", details(bid, title="Changed"))
        assert answer.status_code == 403
        assert Bid.objects.get(pk=bid.pk).title == "Secret of Huntingdonshire"


class TestPages:
    def test_the_task_list_says_how_far_each_section_is(self, sign_in):
        place = world()
        bid = complete_bid(place)
        bid.measures.all().delete()
        bid.milestones.update(due="2030-01-01")
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/")
        told = {task.key: task.status for task in page.context["tasks"]}
        assert told == {
            "details": "Completed",
            "outcomes": "Completed",
            "questions/project": "Completed",
            "budget": "Completed",
            "measures": "Not yet started",
            "milestones": "There is a problem",
            "partners": "Optional",
            "risks": "Optional",
            "attachments": "Optional",
        }
        assert "4 of 6 sections are complete." in page.content.decode()
        assert "Huntingdonshire District Council submits it by 11 November 2026 at 12 noon" in page.content.decode()

    def test_the_signatory_is_offered_submission_when_it_is_complete(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client = sign_in(place.signatory)
        assert f'href="/bids/{bid.reference}/submit/"' in client.get(f"/bids/{bid.reference}/").content.decode()
        bid.lines.all().delete()
        page = client.get(f"/bids/{bid.reference}/").content.decode()
        assert f'href="/bids/{bid.reference}/submit/"' not in page
        assert "Not yet: Submit bid" in page
        assert "Add at least one budget line" in page

    def test_a_submitted_bid_shows_the_budget_with_its_totals(self, sign_in):
        place = world()
        bid = complete_bid(place)
        perform(bid, "submit", by=place.signatory)
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/").content.decode()
        totals = page[page.index("<tfoot") : page.index("</tfoot>")]
        for amount in ("£12,000.00", "£0.00", "£2,000.00", "£14,000.00"):
            assert amount in totals
        assert "Fingerprint" in page

    def test_the_check_page_leads_to_what_is_missing_and_back(self, sign_in):
        place = world()
        bid = complete_bid(place, category="")
        client = sign_in(place.coordinator)
        page = client.get(f"/bids/{bid.reference}/check/").content.decode()
        assert f'href="/bids/{bid.reference}/details/?from=check">Select the category of the bid' in page
        answer = client.post(f"/bids/{bid.reference}/details/?from=check", details(bid, category="risk"))
        assert answer.url == f"/bids/{bid.reference}/check/"

    def test_searching_and_filtering(self, sign_in):
        place = world()
        first = complete_bid(place, title="Street wardens", submitted=True)
        second = complete_bid(place, round=RoundFactory(), assessing=True)
        client = sign_in(place.officer)

        def found(**query):
            return [row.reference for row in client.get("/bids/", query).context["table"].data]

        assert found() == [second.reference, first.reference]
        assert found(q="wardens huntingdonshire") == [first.reference]
        assert found(q=second.reference) == [second.reference]
        assert found(state="assessing") == [second.reference]
        assert found(round=place.round.pk) == [first.reference]
        assert found(applicant=place.partnership.pk, state="submitted") == [first.reference]
        assert "Applicant" in client.get("/bids/").context["filter"].form["applicant"].label
        assert "applicant" not in sign_in(place.coordinator).get("/bids/").context["filter"].form.fields


class TestPaper:
    def test_the_draft_and_what_was_submitted_as_a_pdf(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
        draft = client.get(f"{path}bid.pdf")
        assert (draft["Content-Type"], draft.content[:5]) == ("application/pdf", b"%PDF-")
        assert f'filename="{bid.reference} draft.pdf"' in draft["Content-Disposition"]
        assert sign_in(place.officer).get(f"{path}bid.pdf").status_code == 404
        perform(bid, "submit", by=place.signatory)
        for address in ("bid.pdf", "versions/1/bid.pdf"):
            assert f'filename="{bid.reference} version 1.pdf"' in client.get(f"{path}{address}")["Content-Disposition"]
        assert client.get(f"{path}versions/2/bid.pdf").status_code == 404

    def test_it_says_what_the_page_says(self):
        place = world()
        bid = complete_bid(place)
        draft = render_to_string("grants/bid_document.html", paper_context(bid, content(bid), None))
        assert "Draft, as it stood on 14 October 2026 at 12 noon" in draft
        assert "Words that answer the question." in draft
        perform(bid, "submit", by=place.signatory)
        version = snapshots_of(bid).get()
        frozen = render_to_string("grants/bid_document.html", paper_context(bid, version.data, version))
        assert "Version 1, submitted on 14 October 2026 at 12 noon by Sig Natory." in frozen
        assert version.sha256 in frozen
        assert "The grant is spent on the project alone." in frozen


def test_saving_often_is_one_line_of_the_history(sign_in):
    place = world()
    bid = complete_bid(place)
    for number in range(15):
        save_details(bid=bid, by=place.coordinator, title=f"Title {number}")
    save_outcomes(bid=bid, by=place.coordinator, outcomes=[place.outcome], areas=[place.area])
    shown = sign_in(place.coordinator).get(f"/bids/{bid.reference}/").context["timeline"]
    assert [event.title.split(" (")[0] for event in shown] == ["Changed the outcomes and areas", "Changed the details"]


class TestCost:
    @pytest.mark.parametrize("number", [1, 60])
    def test_a_list_costs_the_same_at_any_length(self, sign_in, number):
        place = world()
        for _ in range(number):
            complete_bid(place, submitted=True)
        for person in (place.officer, place.coordinator):
            client = sign_in(person)
            client.get("/bids/")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get("/bids/").status_code == 200
            assert len(queries) <= 8

    def test_pages_cost_fifteen_queries_at_most_and_write_nothing(self, sign_in):
        place = world()
        bid = complete_bid(place)
        attach_file(bid=bid, upload=pdf(), kind="Quote", by=place.coordinator)
        costs = {}

        def visit(person, path):
            client = sign_in(person)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200, path
            written = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
            assert written == [], path
            costs[(person.name, path)] = len(queries)

        for person in (place.coordinator, place.signatory):
            visit(person, f"/bids/{bid.reference}/")
            visit(person, f"/bids/{bid.reference}/check/")
        for page in PAGES[2:9]:
            visit(place.coordinator, f"/bids/{bid.reference}/{page}")
        visit(place.coordinator, "/bids/new/")
        visit(place.signatory, f"/bids/{bid.reference}/submit/")
        perform(bid, "submit", by=place.signatory)
        for person in (place.coordinator, place.signatory, place.officer, officer(Role.AUDITOR)):
            for page in ("", "submitted/"):
                visit(person, f"/bids/{bid.reference}/{page}")
        perform(bid, "begin_assessment", by=place.officer)
        for person in (place.coordinator, place.signatory, place.officer):
            visit(person, f"/bids/{bid.reference}/versions/1/")
        assert {key: cost for key, cost in costs.items() if cost > 15} == {}


class TestFiles:
    def test_a_file_is_attached_and_taken_off(self, sign_in, django_capture_on_commit_callbacks):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/attachments/"
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(path, {"version": "1", "kind": "Quote", "file": pdf()}, follow=True)
        page = answer.content.decode()
        assert "quote.pdf" in page
        link = page[page.index(f"{path}") :].split('"')[0]
        assert client.get(link).status_code == 200
        assert "quote.pdf" in client.get(path).content.decode()
        assert client.post(link, {"version": "2"}).status_code == 302
        assert "quote.pdf" not in client.get(path).content.decode().replace("Remove quote.pdf", "")

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("quote.pdf", b"MZ this is a program", "this one is not what its name says"),
            ("quote.docx", b"%PDF-1.7", "this one is not what its name says"),
            ("quote.exe", b"MZ", "The selected file must be a PDF, Word (.docx), Excel (.xlsx), JPG or PNG"),
            ("quote.pdf", b"", "The selected file is empty – choose another file"),
        ],
    )
    def test_what_is_not_acceptable_is_told_at_the_field(self, sign_in, name, content, sentence):
        place = world()
        bid = complete_bid(place)
        before = stored_files()
        upload = io.BytesIO(content)
        upload.name = name
        sent = {"version": "1", "kind": "Letter of support", "file": upload}
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/attachments/", sent)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(sentence) >= 2
        assert 'href="#id_file"' in page
        assert answer.context["form"]["kind"].value() == "Letter of support"
        assert stored_files() == before

    def test_sixty_megabytes_are_refused_while_they_stream(self, sign_in):
        place = world()
        bid = complete_bid(place)
        before = stored_files()
        client = sign_in(place.coordinator)
        boundary = "edge"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="version"\r\n\r\n1\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nAccounts\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="huge.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        answer = client.generic(
            "POST",
            f"/bids/{bid.reference}/attachments/",
            head + b"%PDF-1.7" + b"0" * (60 * 1024 * 1024) + tail,
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count("The selected file must be smaller than 20MB") == 2
        assert 'value="Accounts"' in page
        assert answer.context["form"]["kind"].value() == "Accounts"
        assert stored_files() == before
        assert bid.version == Bid.objects.get(pk=bid.pk).version


class TestSessionEnds:
    def test_what_was_typed_comes_back_after_signing_in(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client = Client()
        path = f"/bids/{bid.reference}/questions/project/"
        gone = client.post(path, {"version": "1", "q-need": "A long answer that must not be lost"})
        assert gone.status_code == 302
        assert gone.url.startswith("/accounts/login/?next=")
        assert Bid.objects.get().version == 1
        login = client.post(gone.url, {"login": place.coordinator.email, "password": PASSWORD})
        assert login.status_code == 302
        page = client.get(login.url).content.decode()
        assert "A long answer that must not be lost" in page
        assert "Your session had ended, so nothing was saved" in page
        assert "A long answer" not in str(bid.response.answers.get().value)
