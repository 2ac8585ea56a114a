"""Bodies and their people: what everybody may look up, and what administrators change."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from openpyxl import load_workbook

from accounts.models import User
from casework import clock
from casework.audit.models import AuditEntry
from casework.workflow import NotPermitted, Refused
from partnerships.models import Area, Cover, Identifier, Membership, Organisation, ResponsibleAuthority, Succession
from partnerships.organisations.roles import Role
from partnerships.organisations.services import add_membership, appoint_cover, end_membership
from partnerships.organisations.standing import forget_standing, standing_of
from tests import factories as f
from tests.pages import errors_on, opened

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 14)


@pytest.fixture(autouse=True)
def today(noon):
    return noon


@pytest.fixture
def csp():
    council = f.OrganisationFactory(key="hunts-council", name="Huntingdonshire Council", council=True)
    body = f.OrganisationFactory(
        key="hunts-csp", name="Huntingdonshire CSP", short_name="Hunts CSP", usual_accountable_body=council
    )
    body.areas.add(Area.objects.create(key="huntingdonshire", name="Huntingdonshire", gss="E07000011"))
    return body


@pytest.fixture
def admin():
    return f.officer("administrator")


def date(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def role_form(**changes):
    form = {"email": "mei@hunts.example.org", "name": "Mei Lin Chow", "role": "coordinator", "seat": "employment"}
    return form | date("starts", TODAY) | changes


def test_the_list_is_searched_filtered_and_downloaded(csp, sign_in):
    ended = f.OrganisationFactory(name="Old Probation Trust", kind="probation", ends=dt.date(2021, 6, 25))
    client = sign_in(f.member(csp))
    everything = opened(client, "/organisations/", queries=8)
    assert all(body.name in everything for body in (csp, csp.usual_accountable_body, ended))
    assert ended.name not in opened(client, "/organisations/?when=current")
    assert csp.name not in opened(client, "/organisations/?when=ended")
    assert ended.name in opened(client, "/organisations/?kind=probation")
    assert csp.name in opened(client, "/organisations/?q=hunts+csp")
    assert "No organisation matches" in opened(client, "/organisations/?q=nothing")
    book = load_workbook(BytesIO(b"".join(client.get("/organisations/?export=xlsx&kind=csp").streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[:4] for row in rows[1:]] == [
        ("Huntingdonshire CSP", "Community Safety Partnership", "Huntingdonshire", "Huntingdonshire Council")
    ]


def test_the_list_costs_the_same_at_any_length(csp, sign_in):
    client = sign_in(f.member(csp))
    opened(client, "/organisations/", queries=8)
    area = Area.objects.get()
    for _ in range(60):
        f.OrganisationFactory(usual_accountable_body=csp.usual_accountable_body).areas.add(area)
    opened(client, "/organisations/", queries=8)


def test_the_page_tells_what_a_body_is_and_whose(csp, sign_in):
    Identifier.objects.create(organisation=csp, scheme="GB-LAE", value="GB-LAE-HUN")
    police = f.OrganisationFactory(name="Constabulary", kind="police")
    trust = f.OrganisationFactory(name="Probation Trust", kind="probation")
    ResponsibleAuthority.objects.create(partnership=csp, organisation=police, starts=dt.date(2012, 4, 1))
    ResponsibleAuthority.objects.create(
        partnership=csp, organisation=trust, starts=dt.date(2012, 4, 1), ends=dt.date(2021, 6, 25)
    )
    heir = f.OrganisationFactory(name="New Unitary Partnership", starts=dt.date(2028, 4, 1))
    Succession.objects.create(predecessor=csp, successor=heir, on=dt.date(2028, 4, 1), note="Southern half")
    commissioner = f.UserFactory(name="Margaret Oyelaran")
    f.MembershipFactory(organisation=csp, person=commissioner, role="chair", seat="office_seat")
    f.MembershipFactory(
        organisation=csp,
        person=f.UserFactory(name="Gone Away"),
        role="chair",
        ends=dt.date(2020, 3, 31),
        starts=dt.date(2019, 4, 1),
    )
    text = opened(sign_in(f.member(csp)), "/organisations/hunts-csp/", queries=15)
    for words in (
        "Community Safety Partnership",
        "GB-LAE-HUN",
        "Huntingdonshire Council",
        "Constabulary",
        "1 April 2012 to 25 June 2021",
        "Passes to",
        "New Unitary Partnership",
        "Southern half",
        "Margaret Oyelaran",
        "Office seat",
        "Gone Away, chair, 1 April 2019 to 31 March 2020",
    ):
        assert words in text, words
    assert "Responsible authority in" in opened(sign_in(f.member(csp)), f"/organisations/{police.key}/")
    assert "Usual accountable body of" in opened(sign_in(f.member(csp)), "/organisations/hunts-council/")
    assert "Took over from" in opened(sign_in(f.member(csp)), f"/organisations/{heir.key}/")


def test_an_empty_body_costs_no_more_and_says_so(sign_in):
    body = f.OrganisationFactory()
    text = opened(sign_in(f.officer()), f"/organisations/{body.key}/", queries=15)
    assert "Nobody has a role here at present." in text


def test_addresses_are_for_the_office_and_the_bodys_own_people(csp, sign_in):
    f.member(csp, email="secret@hunts.example.org")
    assert "secret@hunts.example.org" in opened(sign_in(f.officer()), "/organisations/hunts-csp/")
    assert "secret@hunts.example.org" in opened(sign_in(f.member(csp)), "/organisations/hunts-csp/")
    stranger = f.member(f.OrganisationFactory())
    assert "secret@hunts.example.org" not in opened(sign_in(stranger), "/organisations/hunts-csp/")
    council = f.member(csp.usual_accountable_body, "signatory")
    assert "secret@hunts.example.org" not in opened(sign_in(council), "/organisations/hunts-csp/")


def test_nobody_signed_out_sees_people(client, csp):
    assert client.get("/organisations/hunts-csp/").status_code == 302
    assert client.get("/organisations/").status_code == 302


@pytest.mark.parametrize("path", ["people/add/", "people/{}/end/", "people/{}/cover/"])
def test_only_administrators_find_the_forms(csp, sign_in, admin, path):
    membership = f.MembershipFactory(organisation=csp, seat="office_seat")
    url = f"/organisations/hunts-csp/{path.format(membership.pk)}"
    for person in (f.officer(), f.officer("commissioner"), f.member(csp, "chair"), f.officer("auditor"), f.member(csp)):
        opened(sign_in(person), url, status=404)
        assert sign_in(person).post(url, role_form()).status_code == 404
        assert url not in opened(sign_in(person), "/organisations/hunts-csp/")
    opened(sign_in(admin), url, queries=15)
    assert url in opened(sign_in(admin), "/organisations/hunts-csp/", queries=15)
    elsewhere = f"/organisations/{csp.usual_accountable_body.key}/{path.format(membership.pk)}"
    opened(sign_in(admin), elsewhere, status=404 if "{}" in path else 200)


def test_a_new_person_gets_a_role_and_chooses_a_password_themselves(csp, sign_in, admin, client):
    response = sign_in(admin).post(
        "/organisations/hunts-csp/people/add/", role_form(email=" Mei@Hunts.example.org "), follow=True
    )
    assert "The role is given." in response.content.decode()
    person = User.objects.get(email="mei@hunts.example.org")
    assert person.name == "Mei Lin Chow"
    assert not person.has_usable_password()
    assert standing_of(person).holds(csp.pk, "coordinator")
    entries = list(AuditEntry.objects.order_by("number").values_list("verb", "reference"))
    assert entries == [("added a person", ""), ("gave a role", "hunts-csp")]
    client.post("/accounts/password/reset/", {"email": "mei@hunts.example.org"})
    assert [message.to for message in mail.outbox] == [["mei@hunts.example.org"]]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_somebody_known_needs_no_name(csp, sign_in, admin):
    known = f.UserFactory(name="Known Person", email="known@example.org")
    sign_in(admin).post("/organisations/hunts-csp/people/add/", role_form(email="known@example.org", name=""))
    assert Membership.objects.get(organisation=csp).person == known
    assert User.objects.get(pk=known.pk).name == "Known Person"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "No one has this email address yet. Enter the person’s full name to add them"),
        ({"email": ""}, "Enter an email address"),
        ({"email": "mei"}, "Enter an email address in the correct format, like name@example.com"),
        ({"role": ""}, "Select a role"),
        ({"seat": ""}, "Select how the role is held"),
        ({"starts_day": "31", "starts_month": "2"}, "The first day must be a real date"),
        ({"starts_day": ""}, "The first day must include a day"),
        (date("ends", dt.date(2026, 10, 13)), "The last day must be the same as or after the first day"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_kept(csp, sign_in, admin, changes, sentence):
    response = sign_in(admin).post("/organisations/hunts-csp/people/add/", role_form(**changes))
    assert sentence in errors_on(response)
    if "name" not in changes:
        assert "Mei Lin Chow" in response.content.decode()
    assert not Membership.objects.filter(organisation=csp).exists()
    assert not User.objects.filter(email="mei@hunts.example.org").exists()
    assert not AuditEntry.objects.exists()


def test_a_role_that_the_body_does_not_give_is_refused(csp, sign_in, admin):
    response = sign_in(admin).post("/organisations/hunts-csp/people/add/", role_form(role="commissioner"))
    assert len(errors_on(response)) == 1
    with pytest.raises(ValidationError, match="has no commissioner"):
        add_membership(
            organisation=csp, email="a@example.org", name="A", role="commissioner", seat="employment", starts=TODAY, by=admin
        )


def test_a_role_is_held_once_at_a_time(csp, admin):
    give = {"organisation": csp, "email": "a@example.org", "name": "Ana", "role": "chair", "seat": "elected", "by": admin}
    first = add_membership(**give, starts=dt.date(2026, 4, 1), ends=dt.date(2027, 3, 31))
    with pytest.raises(ValidationError, match="Ana already has this role from 1 April 2026 until 31 March 2027"):
        add_membership(**give, starts=dt.date(2027, 3, 31))
    add_membership(**give, starts=dt.date(2027, 4, 1))
    add_membership(**(give | {"role": "signatory"}), starts=TODAY)
    assert first.person.memberships.count() == 3


def test_nobody_gives_themselves_a_role(csp, admin):
    with pytest.raises(NotPermitted, match="Somebody else must give you a role"):
        add_membership(organisation=csp, email=admin.email, role="chair", seat="employment", starts=TODAY, by=admin)
    with pytest.raises(NotPermitted, match="Only an administrator"):
        add_membership(
            organisation=csp, email="x@example.org", name="X", role="chair", seat="employment", starts=TODAY, by=f.officer()
        )


def test_a_role_ends_at_the_end_of_its_last_day(csp, sign_in, admin):
    membership = f.MembershipFactory(organisation=csp)
    url = f"/organisations/hunts-csp/people/{membership.pk}/end/"
    assert errors_on(sign_in(admin).post(url, date("on", dt.date(2014, 1, 1)))) == [
        "The last day must be the same as or after 1 April 2015"
    ]
    response = sign_in(admin).post(url, date("on", TODAY), follow=True)
    assert "The role ends on the day you gave." in response.content.decode()
    assert standing_of(User.objects.get(pk=membership.person_id)).holds(csp.pk, "coordinator")
    with clock.at(TODAY + dt.timedelta(days=1)):
        assert not standing_of(User.objects.get(pk=membership.person_id)).bodies
    with pytest.raises(Refused, match="already ends on 14 October 2026"):
        end_membership(membership=membership, on=TODAY, by=admin)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.changes["ends"]) == ("ended a role", [None, "2026-10-14"])


def test_cover_acts_between_its_days_and_in_its_own_name(csp, sign_in, admin):
    membership = f.MembershipFactory(organisation=csp, role="signatory")
    deputy = f.UserFactory(email="deputy@example.org", name="Deputy Dee")
    url = f"/organisations/hunts-csp/people/{membership.pk}/cover/"
    days = date("starts", TODAY) | date("ends", TODAY + dt.timedelta(days=7))
    assert errors_on(sign_in(admin).post(url, {"email": "nobody@example.org"} | days)) == [
        "No one who signs in has this email address. Give them a role first"
    ]
    assert errors_on(sign_in(admin).post(url, {"email": membership.person.email} | days)) == [
        "Enter somebody else’s email address: nobody covers for themselves"
    ]
    sign_in(admin).post(url, {"email": "Deputy@example.org"} | days)
    assert Cover.objects.get().person == deputy
    assert standing_of(deputy).holds(csp.pk, "signatory")
    assert "Covered by Deputy Dee" in opened(sign_in(admin), "/organisations/hunts-csp/", queries=15)
    assert "covering for" in opened(sign_in(deputy), "/")
    with clock.at(TODAY + dt.timedelta(days=8)):
        forget_standing(deputy)
        assert not standing_of(deputy).bodies
    with pytest.raises(ValidationError, match="within the dates of the role"):
        appoint_cover(membership=membership, email=deputy.email, starts=dt.date(2015, 3, 1), ends=TODAY, by=admin)


def test_the_office_is_a_body_like_another(sign_in, admin):
    response = sign_in(admin).post(
        "/organisations/office/people/add/", role_form(role="finance_officer", email="fin@office.example.org", name="Derek")
    )
    assert response.status_code == 302
    assert standing_of(User.objects.get(email="fin@office.example.org")).in_office("finance_officer")
    assert Organisation.objects.get(key="office").memberships.count() == 2


def test_the_office_says_whether_a_body_carries_on_an_economic_activity(sign_in):
    charity = f.OrganisationFactory(key="hunts-help", name="Hunts Help", kind="voluntary")
    officer, path = f.officer(), "/organisations/hunts-help/subsidy-control/"
    client = sign_in(officer)
    assert "Applies, by its kind" in opened(client, "/organisations/hunts-help/")
    administrator = sign_in(f.officer("administrator"))
    assert f'href="{path}"' in opened(administrator, "/organisations/hunts-help/")
    assert "of the kind “Voluntary organisation” it is yes" in opened(client, path)
    assert errors_on(client.post(path, {"found": ""})) == ["Select whether it carries on an economic activity"]
    for _ in range(2):
        assert client.post(path, {"found": "no"}).status_code == 302
    assert "Does not apply, as the office found" in opened(client, "/organisations/hunts-help/")
    entry = AuditEntry.objects.get(verb="set whether subsidy control applies")
    assert (entry.actor, entry.changes) == (officer, {"economic_activity": [None, False]})
    assert [row.is_enterprise for row in Organisation.objects.filter(pk=charity.pk)] == [False]
    assert not Organisation.objects.enterprises().filter(pk=charity.pk).exists()
    member = f.member(charity, Role.COORDINATOR)
    page = opened(sign_in(member), "/organisations/hunts-help/")
    assert ("Does not apply" in page, path in page) == (True, False)
    f.MembershipFactory(organisation=charity, role=Role.VIEWER, person=officer)
    assert sign_in(officer).post(path, {"found": "yes"}).status_code == 404, "nobody says it of their own body"
    assert sign_in(member).get(path).status_code == 404
