"""Who may see amounts by slot and provider, and may an answer be kept?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from locations.scope import districts_of

INTERNAL_FIGURES = "budget.view_costline"  # staff has it, and the group "Ausschuss"


def sees_amounts_of_single_lines(user: AbstractBaseUser | AnonymousUser | Any, slug: str) -> bool:
    """Return whether the user may read this district's internal figures. At most three queries, none for a visitor."""
    if not user.is_authenticated or not user.is_active:
        return False
    return districts_of(user).filter(slug=slug).exists() and user.has_perm(INTERNAL_FIGURES)


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Return the page; what somebody logged in sees is kept nowhere."""
    response = render(request, template, context)
    if request.user.is_authenticated:
        patch_cache_control(response, private=True, no_store=True)
    return response
