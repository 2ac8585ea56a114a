"""What happens to a bidder's text: pasted from a word processor, typed while the round closes, while its questions get a new version."""

from __future__ import annotations

import datetime as dt
import html
import io

import pytest
from django.template.loader import render_to_string
from openpyxl import load_workbook

from casework import clock
from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.content import content
from grants.bids.views.versions import paper_context
from grants.models import Bid, Round
from questionnaires.models import QuestionSetVersion
from tests.grants.bid_world import after_closing, complete_bid, world
from tests.grants.test_bids_answers import asking
from tests.grants.test_bids_together import opened
from tests.grants.typed_rounds import date, errors, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
PASTED = "\ufeff“Quoted” –\xa0it\u2019s ours\r\n\u2022\tfirst\x0bse\xadcond half\u200b\r\n\uf0b7\tlast\u2011minute\u202f£5\u2060"
"""A byte order mark, spaces that do not break, a line end within a paragraph, a soft hyphen, a space without width, a bullet of the
symbol font, a hyphen that does not break. 11 words as the page counts them, its bullets and its dash among them."""
KEPT = "“Quoted” – it’s ours\n•\tfirst\nsecond half\n•\tlast-minute £5"
CLOSED = "The round closed on 11 November 2026 at 12 noon. What you wrote stays in the draft. Contact the office"
AGREED = {"declaration": "on", "terms": "on"}


def words(response):
    return " ".join(html.unescape(response.content.decode()).split())


def with_limit(place, most):
    return asking(place, project=[{"key": "need", "max_words": most}])


class TestPasted:
    def test_it_reads_the_same_wherever_it_goes(self, sign_in):
        place = world()
        bid = with_limit(place, 11)
        client, path, sent = opened(sign_in, place, bid, "questions/project")
        # Saved while it is typed and again by the button: what the page still holds as it was pasted is no other text.
        saved = client.post(path, sent | {"q-need": PASTED, "autosave": "1"}).json()
        assert client.post(path, sent | saved["fields"] | {"q-need": PASTED}).status_code == 302
        assert bid.response.answers.get().value == KEPT
        shown = " ".join(KEPT.split())
        assert shown in words(client.get(path))
        assert shown in " ".join(words(client.get(f"/bids/{bid.reference}/check/")).replace("<br>", " ").split())
        bid = perform(bid, "submit", by=place.signatory).case
        assert client.get(f"/bids/{bid.reference}/bid.pdf").content[:5] == b"%PDF-"
        drawn = html.unescape(render_to_string("grants/bid_document.html", paper_context(bid, content(bid), None)))
        assert shown in " ".join(drawn.replace("<br>", " ").split())
        Bid.objects.filter(pk=bid.pk).update(state="assessing")  # until then the office reads nothing of it
        answer = sign_in(place.officer).post("/rounds/CDR-2026/bids/")
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))["Bids"]
        head = [cell.value for cell in sheet[1]]
        assert sheet[2][head.index("need")].value == KEPT

    def test_one_word_too_many_is_refused_with_the_text_kept(self, sign_in):
        place = world()
        bid = with_limit(place, 10)
        client, path, sent = opened(sign_in, place, bid, "questions/project")
        answer = client.post(path, sent | {"q-need": PASTED})
        assert answer.status_code == 422
        assert "must be 10 words or less" in words(answer)
        assert "“Quoted” – it’s ours • first second half • last-minute £5" in words(answer)


class TestClosing:
    def test_autosave_after_closing_keeps_the_text_and_says_what_to_do(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path, sent = opened(sign_in, place, bid, "details")
        in_time = client.post(path, sent | {"title": "Before noon", "autosave": "1"}).json()
        assert "note" not in in_time
        with clock.at(after_closing(place)):
            late = client.post(path, sent | in_time["fields"] | {"title": "After noon", "autosave": "1"})
            page = client.get(path)
        assert Bid.objects.get().title == "After noon"
        assert late.json()["note"].startswith(CLOSED)
        assert CLOSED in words(page)
        assert 'value="After noon"' in words(page)

    @pytest.mark.parametrize(
        ("day", "noon_utc"), [(dt.date(2026, 10, 25), 12), (dt.date(2027, 3, 28), 11)], ids=["clocks back", "clocks forward"]
    )
    def test_noon_on_the_day_the_clocks_change(self, sign_in, day, noon_utc):
        place = world(reference="MCF-2026")
        client = sign_in(place.officer)
        sent = typed(**date("opens_on", "15", "10", "2026"), **date("closes_on", str(day.day), str(day.month), str(day.year)))
        if day.month == 3:
            refused = client.post("/rounds/new/", sent | {"closes_time": "1:30"})
            assert errors(refused) == [
                ("#id_closes_time", f"Closing time does not exist on {day:%-d %B %Y}, because the clocks go forward")
            ]
        else:
            refused = client.post("/rounds/new/", sent | {"closes_time": "1:30"})
            assert (
                "comes twice on 25 October 2026, because the clocks go back: enter a time before 1am, or 2am or later"
                in words(refused)
            )
        assert refused.status_code == 422
        made = client.post("/rounds/new/", sent)
        assert made.status_code == 302
        closes = Round.objects.latest("pk").closes_at
        assert closes == dt.datetime(day.year, day.month, day.day, noon_utc, tzinfo=dt.UTC)
        Round.objects.filter(pk=place.round.pk).update(closes_at=closes)
        bid = complete_bid(place)
        signatory, path = sign_in(place.signatory), f"/bids/{bid.reference}/submit/"
        with clock.at(closes + dt.timedelta(seconds=1)):
            late = signatory.post(path, {"version": bid.version, **AGREED})
        assert late.status_code == 422
        assert f"The round closed on {day:%-d %B %Y} at 12 noon. What you wrote stays in the draft." in words(late)
        with clock.at(closes - dt.timedelta(seconds=1)):
            assert signatory.post(path, {"version": bid.version, **AGREED}).url.endswith("/submitted/")
        assert snapshots_of(bid).count() == 1


def test_a_round_and_its_questions_change_under_an_open_form(sign_in):
    """The round's new version keeps its questions; a new version of the set is for later rounds. What was typed is saved."""
    place = world()
    bid, office = complete_bid(place), sign_in(place.officer)
    client, path, sent = opened(sign_in, place, bid, "questions/project")
    version = bid.response.version
    office.post(f"{version.get_absolute_url()}copy/")
    copy = QuestionSetVersion.objects.latest("pk")
    assert (copy.question_set, copy.number) == (version.question_set, version.number + 1)
    question = copy.sections.get().questions.first()
    office.post(f"{copy.get_absolute_url()}questions/{question.pk}/remove/", {"version": copy.edits})
    page = office.get(f"{place.round.get_absolute_url()}edit/")
    form = {name: value for name, value in page.context["form"].initial.items() if isinstance(value, str | int)}
    changed = {
        **form,
        **date("closes_on", "30", "11", "2026"),
        "closes_time": "12 noon",
        "minimum": "1000",
        "maximum": "60000",
        "eligible_kinds": place.round.eligible_kinds,
        "question_version": copy.pk,
        "reason": "More time after the flood.",
    }
    answer = office.post(f"{place.round.get_absolute_url()}edit/", changed, follow=True)
    assert "is published. It reaches 1 draft and 0 submitted bids." in words(answer)
    place.round.refresh_from_db()
    assert place.round.question_version_id == version.pk
    name = next(key for key in sent if key.startswith("q-"))
    assert client.post(path, sent | {name: "Typed before the round changed."}).status_code == 302
    bid.refresh_from_db()
    assert bid.response.version_id == version.pk
    assert "Typed before the round changed." in words(client.get(path))


def test_the_top_of_the_check_page_says_what_is_left_to_do(sign_in):
    """On a phone its end is ten screens away."""
    place = world()
    bid = complete_bid(place)
    path = f"/bids/{bid.reference}/check/"
    writer = words(sign_in(place.coordinator).get(path))
    said = "must now submit the bid by 11 November 2026 at 12 noon, when the round closes."
    assert writer.index("Nothing is missing.") < writer.index(said) < writer.index(">Details<")
    signatory = words(sign_in(place.signatory).get(path))
    assert signatory.index('href="#submit"') < signatory.index(">Details<") < signatory.index('id="submit"')
    assert "The round closes on 11 November 2026 at 12 noon." in words(sign_in(place.signatory).get("/"))
    Bid.objects.filter(pk=bid.pk).update(category="")
    unfinished = words(sign_in(place.coordinator).get(path))
    assert "Nothing is missing." not in unfinished
    assert "can be submitted as it is" not in unfinished
    assert "Worth a second look" in unfinished
