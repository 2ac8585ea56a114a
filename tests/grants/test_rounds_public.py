"""What everybody reads of a round: its calendar file, and the questions that were asked and answered."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from casework import clock
from casework.outbox import Message
from casework.registry import work_for
from casework.workflow import NotPermitted, Refused, perform
from grants.models import Clarification, Round
from grants.rounds import clarifications, services
from grants.rounds.dates_file import calendar_file
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.typed_rounds import again, date, errors

pytestmark = pytest.mark.django_db
UNTIL = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)  # winter time has begun


def lines(case):
    """The file's lines with their folds taken back; every line must end as the standard says and be short enough."""
    raw = calendar_file(case)
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    return raw.decode().replace("\r\n ", "").split("\r\n")[:-1]


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def case(noon):
    opens, closes = clock.london(dt.date(2026, 10, 1), 9), clock.london(dt.date(2026, 11, 30), 12)
    return f.RoundFactory(reference="CDR-2026", opens_at=opens, closes_at=closes, questions_until=UNTIL)


def test_the_calendar_file_has_each_date_in_utc(case, settings):
    settings.BASE_URL = "https://grants.example.org"
    told = lines(case)
    assert told[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert told[-1] == "END:VCALENDAR"
    assert [line for line in told if line.startswith("UID")] == [
        "UID:cdr-2026-opens@grants.example.org",
        "UID:cdr-2026-questions@grants.example.org",
        "UID:cdr-2026-closes@grants.example.org",
    ]
    # 9am in summer time, then noon in winter time twice.
    assert [line for line in told if line.startswith("DTSTART")] == [
        "DTSTART:20261001T080000Z",
        "DTSTART:20261030T120000Z",
        "DTSTART:20261130T120000Z",
    ]
    assert told.count("BEGIN:VEVENT") == told.count("END:VEVENT") == 3
    assert "URL:https://grants.example.org/rounds/CDR-2026/" in told


def test_words_in_the_calendar_file_are_escaped_and_folded_between_letters(case):
    Round.objects.filter(pk=case.pk).update(title="Ü" * 60 + "; a, b\\c")
    case.refresh_from_db()
    assert "SUMMARY:" + "Ü" * 60 + "\\; a\\, b\\\\c closes for bids" in lines(case)


def test_a_moved_date_keeps_its_uid_and_a_cancelled_round_says_so(case, officer):
    before = [line for line in lines(case) if line.startswith("UID")]
    later = case.closes_at + dt.timedelta(days=1)
    moved = services.edit_round(case=case, by=officer, closes_at=later, reason="Half term")
    assert [line for line in lines(moved) if line.startswith("UID")] == before
    assert {"DTSTART:20261201T120000Z", "SEQUENCE:2", "STATUS:CONFIRMED"} <= set(lines(moved))
    assert "STATUS:CANCELLED" in lines(perform(moved, "cancel", by=officer, reason="No money").case)


def test_a_rolling_round_has_its_opening_alone(noon):
    assert sum(line.startswith("DTSTART") for line in lines(f.RoundFactory(rolling=True, closes_at=None))) == 1


def test_the_file_is_given_as_a_calendar(case, client):
    answer = client.get("/rounds/CDR-2026/dates.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="CDR-2026.ics"'


def asked(case, text="We at Ely ask: may we buy a van?"):
    body = f.OrganisationFactory(name="Ely CSP")
    person = f.member(body, Role.CHAIR, name="Ada Asker")
    return clarifications.ask(case=case, organisation=body, text=text, by=person)


def test_a_question_waits_for_the_office_and_is_for_nobody_else(case, officer, client, sign_in):
    row = asked(case)
    message = Message.objects.get(name="clarification_asked")
    assert (message.to, "may we buy a van?" in message.body) == (officer, True)
    assert "Answer question 1 about this round" in [item.sentence for item in work_for(officer)]
    place = "/rounds/CDR-2026/questions/"
    neighbour = f.member(f.OrganisationFactory())
    assert "van" not in client.get(place).content.decode()
    assert "van" not in sign_in(neighbour).get(place).content.decode()
    assert "van" in sign_in(row.asked_by).get(place).content.decode()
    assert "from Ely CSP" in sign_in(officer).get(place).content.decode()


def test_the_answer_is_for_all_and_tells_nobody_who_asked(case, officer, client):
    row = asked(case)
    body = f.OrganisationFactory()
    drafting = f.member(body)
    f.BidFactory(round=case, applicant=body)
    f.BidFactory(applicant=f.OrganisationFactory())
    clarifications.answer(row=row, question="May a van be bought?", words="No: capital items are not allowed.", by=officer)
    page = client.get("/rounds/CDR-2026/questions/").content.decode()
    assert "May a van be bought?" in page
    assert "No: capital items are not allowed." in page
    assert [words for words in ("Ely", "Ada", "Asker") if words in page] == []
    told = Message.objects.filter(name="clarification_answered")
    assert {message.to for message in told} == {row.asked_by, drafting}
    assert [words for message in told for words in ("Ely", "Asker") if words in message.body.replace("Ada Asker,", "")] == []
    assert not [item for item in work_for(officer) if "Answer question" in item.sentence]


def test_an_answer_can_be_put_right(case, officer):
    row = asked(case)
    for words in ("No.", "Yes, within the round's limits."):
        clarifications.answer(row=row, question="May a van be bought?", words=words, by=officer)
    row.refresh_from_db()
    assert row.answer == "Yes, within the round's limits."
    assert Message.objects.filter(name="clarification_answered", to=row.asked_by).count() == 2


def test_the_same_question_twice_is_one(case):
    row = asked(case)
    again_row = clarifications.ask(case=case, organisation=row.organisation, text=row.asked, by=row.asked_by)
    assert again_row == row
    other = clarifications.ask(case=case, organisation=row.organisation, text="And a car?", by=row.asked_by)
    assert (other.number, Clarification.objects.count()) == (2, 2)


def test_who_may_not_bid_does_not_ask_and_nobody_asks_too_late(case, officer):
    council = f.OrganisationFactory(council=True)
    with pytest.raises(NotPermitted):
        clarifications.ask(case=case, organisation=council, text="May we?", by=f.member(council))
    body = f.OrganisationFactory()
    person = f.member(body)
    with pytest.raises(NotPermitted):
        clarifications.ask(case=case, organisation=body, text="May we?", by=f.member(f.OrganisationFactory()))
    with clock.at(UNTIL):
        clarifications.ask(case=case, organisation=body, text="In the last moment?", by=person)
    with (
        clock.at(UNTIL + dt.timedelta(seconds=1)),
        pytest.raises(Refused, match="The time for questions about this round has passed"),
    ):
        clarifications.ask(case=case, organisation=body, text="May we?", by=person)
    with pytest.raises(NotPermitted):
        clarifications.answer(row=Clarification.objects.get(), question="?", words="!", by=person)


@pytest.mark.database
def test_an_answer_without_words_is_refused_by_the_database(case):
    row = asked(case)
    with pytest.raises(IntegrityError, match="grants_clarification_answered_in_words"), transaction.atomic():
        Clarification.objects.filter(pk=row.pk).update(answered_at=clock.now())


def test_asking_and_answering_in_the_browser(case, officer, sign_in):
    body = f.OrganisationFactory()
    person = f.member(body)
    browser = sign_in(person)
    place = "/rounds/CDR-2026/questions/"
    assert "Ask a question" in browser.get(place).content.decode()
    empty = browser.post(f"{place}ask/", {"organisation": body.pk, "text": ""})
    assert (empty.status_code, errors(empty)) == (422, [("#id_text", "Enter your question")])
    assert browser.post(f"{place}ask/", {"organisation": body.pk, "text": "May we?"}).headers["Location"] == place
    office = sign_in(officer)
    form = office.get(f"{place}1/").context["form"]
    assert (form["question"].value(), form["words"].value()) == ("May we?", "")
    sent = {"version": case.version, "question": "May a partnership?", "words": ""}
    answer = office.post(f"{place}1/", sent)
    assert (answer.status_code, errors(answer)) == (422, [("#id_words", "Enter the answer")])
    assert office.post(f"{place}1/", {**sent, "words": "Yes."}).headers["Location"] == place
    assert office.get(f"{place}7/").status_code == 404
    assert browser.get(f"{place}1/").status_code == 403


def test_the_last_moment_for_questions_is_typed_and_lies_before_closing(officer, sign_in):
    case, browser = f.RoundFactory(draft=True), sign_in(officer)
    sent = again(case)
    late = {**sent, **date("questions_on", "1", "12", "2026"), "questions_time": "12 noon"}
    answer = browser.post(f"{case.get_absolute_url()}edit/", late)
    words = "The last moment for questions must be the same as or before the closing time"
    assert (answer.status_code, errors(answer)) == (422, [("#id_questions_on_0", words)])
    good = {**sent, **date("questions_on", "20", "11", "2026"), "questions_time": "5pm"}
    assert browser.post(f"{case.get_absolute_url()}edit/", good).status_code == 302
    case.refresh_from_db()
    assert case.questions_until == dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)
