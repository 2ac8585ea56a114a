"""The pages of assessing: who sees what, what is hidden, how many queries, nothing written by looking."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.audit.models import AuditEntry
from casework.registry import lifeline
from casework.workflow import perform
from grants.assessment import services
from grants.assessment.models import Assessment, CriterionScore, Moderation
from grants.assessment.services import Judged, Scored
from grants.bids.models import Bid
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SECRET = "Nobody else may read this before their own scores are in."


@pytest.fixture
def officer():
    return f.officer()


@pytest.fixture
def assessor():
    return f.officer(Role.ASSESSOR)


@pytest.fixture
def bid():
    return f.BidFactory(submitted=True)


@pytest.fixture
def assessment(bid, officer, assessor):
    return services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)


def declared(assessment, *, gates=True):
    services.declare_no_interest(assessment=assessment, by=assessment.assessor)
    if gates:
        results = [Judged(gate.pk, True) for gate in assessment.bid.round.gates.all()]
        services.record_gates(bid=Bid.objects.get(pk=assessment.bid_id), results=results, by=assessment.assessor)
    return Assessment.objects.get(pk=assessment.pk)


def score(assessment, *values, reason="Clear and costed."):
    rows = zip(assessment.bid.round.criteria.all(), values, strict=True)
    services.save_scores(
        assessment=assessment, scores=[Scored(row.pk, value, reason) for row, value in rows], by=assessment.assessor
    )
    return perform(assessment, "submit_scores", by=assessment.assessor).case


def paths(assessment):
    base, bid = assessment.get_absolute_url(), assessment.bid.reference
    own = [base, *(f"{base}{part}/" for part in ("interests", "gates", "scores", "submit-scores", "reopen"))]
    return ["/assessments/", *own, *(f"/assessments/{part}/{bid}/" for part in ("assign", "gates", "moderate"))]


def test_a_bidder_has_none_of_these_pages(assessment, sign_in):
    bid = assessment.bid
    people = [f.member(bid.applicant), f.member(bid.accountable_body, Role.SIGNATORY), f.officer(Role.ADMINISTRATOR)]
    for person in people:
        client = sign_in(person)
        assert {path: client.get(path).status_code for path in paths(assessment)} == dict.fromkeys(paths(assessment), 404)


def test_the_bidders_life_line_says_nothing_of_the_assessment_but_that_it_is_done(bid, officer):
    def step(user):
        found = next(found for found in lifeline(bid.file, user) if found.name == "Assessment")
        return found.state_label, found.status, found.url

    bidder = f.member(bid.applicant)
    one, two = (services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer) for _ in range(2))
    score(declared(one), 3, 3)
    assert (step(bidder), step(officer)[0]) == (("", "current", ""), "1 of 2 scored")
    services.declare_conflict(assessment=two, reason="My sister works there.", by=two.assessor)
    assert step(bidder) == ("", "done", "")


def test_another_assessor_and_finance_have_no_such_case(assessment, sign_in):
    other, finance = sign_in(f.officer(Role.ASSESSOR)), sign_in(f.officer(Role.FINANCE_OFFICER))
    for path in paths(assessment)[1:]:
        assert other.get(path).status_code == 404, path
        assert finance.get(path).status_code == 404, path
    assert assessment.reference not in other.get("/assessments/").content.decode()


def test_who_reads_and_who_acts(assessment, sign_in):
    base, bid = assessment.get_absolute_url(), assessment.bid.reference
    auditor = sign_in(f.officer(Role.AUDITOR))
    assert auditor.get(base).status_code == 200
    assert auditor.get(f"{base}interests/").status_code == 403
    assert auditor.get(f"/assessments/assign/{bid}/").status_code == 403
    assert auditor.post(f"/assessments/gates/{bid}/", {}).status_code == 403


def test_assigning_from_the_page(bid, officer, assessor, sign_in):
    client = sign_in(officer)
    path = f"/assessments/assign/{bid.reference}/"
    wrong = client.post(path, {"due_day": "31", "due_month": "2", "due_year": "2027"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Select an assessor" in page
    assert "must be a real date" in page
    past = client.post(path, {"assessor": assessor.pk, "due_day": "1", "due_month": "1", "due_year": "2020"})
    assert past.status_code == 422
    done = client.post(path, {"assessor": assessor.pk, "due_day": "28", "due_month": "oct", "due_year": "2026"})
    assert done.status_code == 302
    assert Assessment.objects.get().due.isoformat() == "2026-10-28"


def test_a_conflicted_choice_is_a_sentence_on_the_form(bid, officer, sign_in):
    own = f.officer(Role.ASSESSOR, name="Pat Field")
    f.MembershipFactory(person=own, organisation=bid.applicant, role=Role.VIEWER)
    sent = {"assessor": own.pk, "due_day": "28", "due_month": "10", "due_year": "2026"}
    answer = sign_in(officer).post(f"/assessments/assign/{bid.reference}/", sent)
    assert answer.status_code == 422
    assert "Pat Field serves a body that" in answer.content.decode()


def test_assigning_says_when_nobody_is_left(assessment, officer, sign_in):
    answer = sign_in(officer).get(f"/assessments/assign/{assessment.bid.reference}/")
    assert answer.status_code == 409
    assert "Every assessor of the office is assigned" in answer.content.decode()


def test_declaring_an_interest_or_none(assessment, sign_in, assessor):
    client, path = sign_in(assessor), f"{assessment.get_absolute_url()}interests/"
    assert "Select whether you have an interest in this bid" in client.post(path, {"version": 1}).content.decode()
    missing = client.post(path, {"version": 1, "interest": "some", "reason": " "})
    assert "Enter what your interest is" in missing.content.decode()
    assert client.post(path, {"version": 1, "interest": "none"}).status_code == 302
    assert Assessment.objects.get().declared_at == clock.now()
    conflict = client.post(path, {"version": 2, "interest": "some", "reason": "My sister works there."})
    assert conflict.status_code == 302
    assert Assessment.objects.get().state == "conflicted"


def test_gates_from_the_page(assessment, sign_in, assessor):
    client, path = sign_in(assessor), f"{assessment.get_absolute_url()}gates/"
    gate = assessment.bid.round.gates.get()
    assert "Declare your interests" in client.get(path).content.decode()
    declared(assessment, gates=False)
    unanswered = client.post(path, {})
    assert unanswered.status_code == 422
    assert "Select pass or fail for “The partnership has terms of reference”" in unanswered.content.decode()
    bare = client.post(path, {f"gate_{gate.pk}": "fail"})
    assert "Enter the reason “The partnership has terms of reference” is failed" in bare.content.decode()
    failed = client.post(path, {f"gate_{gate.pk}": "fail", f"reason_{gate.pk}": "None since 2019."}, follow=True)
    assert "is not eligible" in failed.content.decode()
    assert Bid.objects.get().state == "ineligible"


def test_a_draft_may_have_gaps_and_keeps_what_was_typed(assessment, sign_in, assessor):
    assessment = declared(assessment)
    client, path = sign_in(assessor), f"{assessment.get_absolute_url()}scores/"
    first, second = assessment.bid.round.criteria.all()
    page = client.get(path).content.decode()
    assert "Words that answer the question." in page
    assert "Youth worker" in page
    sent = {"version": assessment.version, f"reason_{first.pk}": "Half a thought", f"score_{second.pk}": "0"}
    assert client.post(path, sent).status_code == 302
    assert list(CriterionScore.objects.values_list("score", "reason").order_by("pk")) == [(None, "Half a thought"), (0, "")]
    stale = client.post(path, sent | {f"reason_{first.pk}": "Another thought"})
    assert stale.status_code == 409
    assert "Another thought" in stale.content.decode()
    odd = client.post(path, {"version": assessment.version + 1, f"score_{first.pk}": "5"})
    assert odd.status_code == 422
    case = client.get(assessment.get_absolute_url()).content.decode()
    assert "Score “Fit with the plan”" in case
    refused = client.get(f"{assessment.get_absolute_url()}submit-scores/")
    assert refused.status_code == 409


def test_nothing_of_others_scores_leaks_before_ones_own_are_in(bid, officer, assessor, sign_in):
    theirs = services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
    score(declared(theirs), 4, 3, reason=SECRET)
    mine = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    services.declare_no_interest(assessment=mine, by=assessor)
    client, base = sign_in(assessor), mine.get_absolute_url()
    pages = ["/assessments/", base, f"{base}scores/", f"{base}gates/", f"{base}submit-scores/", bid.get_absolute_url()]
    for path in pages:
        answer = client.get(path)
        assert SECRET not in answer.content.decode(), path
        assert "11 of 12" not in answer.content.decode(), path
    assert client.get(theirs.get_absolute_url()).status_code == 404
    assert SECRET in sign_in(officer).get(theirs.get_absolute_url()).content.decode()
    score(Assessment.objects.get(pk=mine.pk), 1, 1)
    shown = client.get(base).content.decode()
    assert SECRET in shown
    assert "11 of 12" in shown


def test_an_unsubmitted_draft_is_shown_to_its_author_only(assessment, officer, assessor, sign_in):
    assessment = declared(assessment)
    rows = [Scored(row.pk, 4, SECRET) for row in assessment.bid.round.criteria.all()]
    services.save_scores(assessment=assessment, scores=rows, by=assessor)
    base = assessment.get_absolute_url()
    assert SECRET not in sign_in(officer).get(base).content.decode()
    assert SECRET in sign_in(assessor).get(base).content.decode()


def test_moderating_from_the_page(bid, officer, sign_in):
    for values in ((4, 3), (2, 3)):
        one = services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
        score(declared(one), *values, reason=SECRET)
    client, path = sign_in(officer), f"/assessments/moderate/{bid.reference}/"
    assert SECRET in client.get(path).content.decode()
    first, second = bid.round.criteria.all()
    sent = {"version": 0, f"score_{first.pk}": "3", f"score_{second.pk}": "", "reason": ""}
    wrong = client.post(path, sent)
    assert wrong.status_code == 422
    assert "Select a score for “Value for money”" in wrong.content.decode()
    assert "Enter why these scores were agreed" in wrong.content.decode()
    sent |= {f"score_{second.pk}": "3", "reason": "The first was too generous."}
    assert client.post(path, sent).status_code == 302
    stale = client.post(path, sent | {"reason": "Once more."})
    assert stale.status_code == 409
    assert 'name="version" value="1"' in stale.content.decode()
    assert Moderation.objects.get().reason == "The first was too generous."


def test_moderating_waits_for_the_scores(assessment, officer, sign_in):
    answer = sign_in(officer).get(f"/assessments/moderate/{assessment.bid.reference}/")
    assert answer.status_code == 409
    assert "2 assessors must have scored" in answer.content.decode()


def test_the_list_filters_and_exports_the_same_rows(assessment, officer, sign_in):
    scored = score(declared(assessment), 3, 2)
    f.AssessmentFactory()
    client = sign_in(officer)
    answer = client.get("/assessments/?state=scored&export=xlsx")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("Reference", "Bid", "Applicant")
    assert [row[0] for row in rows[1:]] == [scored.reference]
    assert rows[1][6:8] == (8, 12)
    assert client.get("/assessments/?state=scored").content.decode().count("8 of 12") == 1


def test_the_list_costs_the_same_at_any_length(officer, sign_in):
    client = sign_in(officer)
    counts = []
    for wanted in (1, 60):
        while Assessment.objects.count() < wanted:
            f.AssessmentFactory(bid__parts=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/assessments/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_pages_are_cheap_and_write_nothing(bid, officer, assessor, sign_in):
    f.officer(Role.ASSESSOR)
    mine = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    theirs = services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
    score(declared(theirs), 4, 3)
    score(declared(mine, gates=False), 2, 2)
    before = AuditEntry.objects.count()
    for person, path in (
        (assessor, mine.get_absolute_url()),
        (officer, mine.get_absolute_url()),
        (officer, f"/assessments/moderate/{bid.reference}/"),
        (officer, f"/assessments/assign/{bid.reference}/"),
    ):
        client = sign_in(person)
        client.get("/assessments/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= 15, (path, len(queries))
        assert not [query for query in queries if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert AuditEntry.objects.count() == before
