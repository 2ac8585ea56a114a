"""Filters that somebody named: the same list as a link, for themselves or for everybody in the office."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import QueryDict

from casework import clock
from casework.registry import sides_of
from casework.workflow import NotPermitted, record, unit

NOT_KEPT = ("page", "export")
LONGEST_QUERY = 500


class SavedViewQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> SavedViewQuerySet:
        """One's own, and in the office what a colleague shares."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        _, sides = sides_of(user)
        return self.filter(Q(owner=user) | Q(shared=True)) if "office" in sides else self.filter(owner=user)


class SavedView(models.Model):
    """The filters and the order of a list, as they stand in its address, under a name. `page` is the name of the list's address."""

    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY)
    shared = models.BooleanField("shown to everybody in the office", default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="casework_savedview_name_once")]

    def __str__(self) -> str:
        return self.name


def filters_in(given: QueryDict) -> str:
    """The part of an address that says which rows in which order: without the page one is on and what was left empty."""
    kept = QueryDict(mutable=True)
    for name, values in sorted(given.lists()):
        if name not in NOT_KEPT:
            kept.setlist(name, [value for value in values if value])
    return kept.urlencode()


def save_view(*, page: str, name: str, query: str, shared: bool, by: Any) -> SavedView:
    """Keep filters under a name that this person has not used on this list yet; ValidationError at `name` otherwise."""
    if SavedView.objects.filter(owner=by, page=page, name=name).exists():
        raise ValidationError({"name": "You already have a view with this name. Enter another name or delete the view first"})
    with unit():
        view = SavedView(page=page, name=name, query=query, shared=shared, owner=by, at=clock.now())
        view.full_clean()
        view.save()
        record(view, "saved a view of a list", by=by, changes={"shared": shared})
    return view


def delete_view(*, view: SavedView, by: Any) -> None:
    """Only whoever saved it; the rows it showed stay as they are."""
    if view.owner_id != by.pk:
        raise NotPermitted(f"“{view}” was saved by {view.owner}, who alone deletes it.")
    with unit():
        record(view, "deleted a view of a list", by=by, changes={"shared": view.shared})
        view.delete()
