"""Which districts may this account see and touch?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, Q, QuerySet

from locations.models import District

# A path from a row to its district in the words of a query; several where a row belongs to more than one.
Paths = tuple[str, ...]


def districts_of(user: AbstractBaseUser | AnonymousUser | Any) -> QuerySet[District]:
    """Return the account's districts: all for a superuser, none for an account that is nobody's staff."""
    if not user.is_active:
        return District.objects.none()
    if user.is_superuser:
        return District.objects.all()
    return District.objects.filter(staff__user=user.pk)


def is_responsible_for_all(user: Any) -> bool:
    """Return whether no district is left that is not the account's: it may change what belongs to all. One query."""
    if user.is_superuser:
        return user.is_active
    if not hasattr(user, "_responsible_for_all"):
        own = districts_of(user)
        user._responsible_for_all = own.exists() and not District.objects.exclude(pk__in=own.values("pk")).exists()
    return user._responsible_for_all


def within(paths: Paths, districts: QuerySet[District]) -> Q:
    """Return the condition that a row lies in these districts, by each of its paths."""
    condition = Q()
    for path in paths:
        condition &= Q(**{f"{path}__in": districts.values("pk")})
    return condition


def lay_within(entry: Any, paths: Paths, districts: QuerySet[District]) -> bool:
    """Return whether an entry of a history tells of a row that lay in these districts; where it led to may be gone: no."""
    return all(_led_into(entry, path, districts) for path in paths)


def _led_into(entry: Any, path: str, districts: QuerySet[District]) -> bool:
    first, _, rest = path.partition("__")
    if first == "pk":
        return districts.filter(pk=getattr(entry, entry.instance_type._meta.pk.attname)).exists()
    field = entry.instance_type._meta.get_field(first)
    related: type[Model] = field.related_model
    condition = {f"{rest}__in": districts.values("pk")} if rest else {"pk__in": districts.values("pk")}
    return related._base_manager.filter(pk=getattr(entry, field.attname), **condition).exists()
