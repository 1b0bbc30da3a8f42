"""Who may see amounts by slot and provider, and may an answer be kept?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

COMMITTEE_GROUP = "Ausschuss"


def sees_amounts_of_single_lines(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return whether the user is staff or of the group "Ausschuss". One query for those who are logged in and not staff."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_staff or user.groups.filter(name=COMMITTEE_GROUP).exists()


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Return the page; what somebody logged in sees is kept nowhere."""
    response = render(request, template, context)
    if request.user.is_authenticated:
        patch_cache_control(response, private=True, no_store=True)
    return response
