"""Which districts may this account see and touch?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from locations.models import District


def districts_of(user: AbstractBaseUser | AnonymousUser | Any) -> QuerySet[District]:
    """Return the account's districts: all for a superuser, none for an account that is nobody's staff."""
    if not user.is_active:
        return District.objects.none()
    if user.is_superuser:
        return District.objects.all()
    return District.objects.filter(staff__user=user.pk)
