"""Bodies, their dates and successors, and who serves them in which role."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework import clock
from partnerships.organisations.roles import Role, Seat


def on_date(day: dt.date, prefix: str = "") -> Q:
    """Rows with `starts` and `ends` that hold on a day; `ends` is the last day, empty means open."""
    started = Q(**{f"{prefix}starts__lte": day})
    return started & (Q(**{f"{prefix}ends__gte": day}) | Q(**{f"{prefix}ends": None}))


def ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends=None) | Q(ends__gte=F("starts")),
        name=name,
        violation_error_message="The end date must be the same as or after the start date",
    )


class Area(models.Model):
    """A place that money is spent for: a district or unitary authority, by its GSS code."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    gss = models.CharField("GSS code", max_length=9, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet):
    def visible_to(self, user: object) -> OrganisationQuerySet:
        """Everybody signed in may look up a body: names and roles of bodies are public facts."""
        return self.all() if getattr(user, "is_authenticated", False) else self.none()

    def current(self) -> OrganisationQuerySet:
        return self.filter(on_date(clock.today()))

    def enterprises(self) -> OrganisationQuerySet:
        """Those for whom `is_enterprise` holds."""
        by_kind = models.Q(economic_activity=None, kind__in=Organisation.ENTERPRISES)
        return self.filter(models.Q(economic_activity=True) | by_kind)


class Organisation(models.Model):
    """A body of any kind. A partnership usually is no legal body: another one signs and is paid for it."""

    list_path = "organisations"
    reference_field = "key"

    class Kind(models.TextChoices):
        OFFICE = "office", "Commissioning office"
        CSP = "csp", "Community Safety Partnership"
        DELIVERY_GROUP = "delivery_group", "Delivery Group"
        BOARD = "board", "Board"
        COUNCIL = "council", "Council"
        POLICE = "police", "Police"
        FIRE = "fire", "Fire and rescue authority"
        PROBATION = "probation", "Probation service"
        HEALTH = "health", "Health body"
        VOLUNTARY = "voluntary", "Voluntary organisation"
        OTHER = "other", "Other body"

    ENTERPRISES = (Kind.VOLUNTARY,)
    """Kinds that offer goods or services on a market as a rule: to be confirmed by the office's lawyers."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=140)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="organisations")
    usual_accountable_body = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="accountable_for"
    )
    vendor_number = models.CharField(max_length=20, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    economic_activity = models.BooleanField(
        "carries on an economic activity", null=True, blank=True, help_text="empty: by its kind, until the office has looked"
    )
    successors = models.ManyToManyField("self", through="Succession", symmetrical=False, related_name="predecessors", blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [ends_after_start("partnerships_organisation_dates")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/{self.list_path}/{self.key}/"

    @property
    def reference(self) -> str:
        """What the audit and printed pages call it."""
        return self.key

    @property
    def is_enterprise(self) -> bool:
        """Whether subsidy control applies to what it is given (Subsidy Control Act 2022, section 7): as the office found, else by kind."""
        return self.kind in self.ENTERPRISES if self.economic_activity is None else self.economic_activity

    @property
    def is_current(self) -> bool:
        today = clock.today()
        return self.starts <= today and (self.ends is None or self.ends >= today)


class Identifier(models.Model):
    """A body's number in somebody else's register, such as org-id.guide's GB-LAE or a company number."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=30)
    value = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="partnerships_identifier_once")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class Succession(models.Model):
    """Part or all of a body's work passed to another on a day. Many-to-many: a district can be split between two."""

    predecessor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="passes_to")
    successor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="takes_over_from")
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="partnerships_succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="partnerships_succession_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class ResponsibleAuthority(models.Model):
    """Which bodies the statute makes responsible authorities of a partnership, with dates (Crime and Disorder Act 1998 s.5)."""

    partnership = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="responsible_authorities")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="responsible_for")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [ends_after_start("partnerships_responsibleauthority_dates")]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.partnership}"


class OfficeIdentity(models.Model):
    """What the commissioning office and its decision maker are called between two dates. Never a constant: offices are abolished."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="identities")
    name = models.CharField(max_length=140)
    decision_maker_title = models.CharField(max_length=80)
    open_data_prefix = models.CharField(max_length=40, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["starts"]
        constraints = [ends_after_start("partnerships_officeidentity_dates")]

    def __str__(self) -> str:
        return self.name


class LegalPower(models.Model):
    """The law an award is made under, between two dates. It decides which reasons are asked for and how the award is published."""

    class Publication(models.TextChoices):
        GRANT = "3f", "Crime and disorder reduction grant (Schedule 3(f)): conditions, recipient, purpose, reasons"
        SPENDING = "3g", "Other spending over £500 (Schedule 3(g)): recipient, purpose, value for money"

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=140)
    statute = models.CharField(max_length=200)
    asks = models.CharField(max_length=300, help_text="the question the reasons must answer")
    publication = models.CharField(max_length=2, choices=Publication.choices)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [ends_after_start("partnerships_legalpower_dates")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person serves a body in one role between two dates. Several rows where somebody has several roles."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    seat = models.CharField(max_length=20, choices=Seat.choices, default=Seat.EMPLOYMENT)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["organisation__name", "role", "pk"]
        constraints = [
            ends_after_start("partnerships_membership_dates"),
            models.UniqueConstraint(fields=["person", "organisation", "role", "starts"], name="partnerships_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()} of {self.organisation}"


class Cover(models.Model):
    """Somebody acts in another's role between two dates, in their own name, and never on what they prepared themselves."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="covers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="covering")
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        constraints = [ends_after_start("partnerships_cover_dates")]

    def __str__(self) -> str:
        return f"{self.person} for {self.membership}"
