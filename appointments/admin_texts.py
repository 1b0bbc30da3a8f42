"""How do staff translate short texts, and which ones are still missing?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from appointments.models import TextTranslation
from appointments.untranslated import untranslated
from locations.admin import DeskAdmin
from locations.scope import districts_of

MOST_SHOWN = 50


@admin.register(TextTranslation)
class TextTranslationAdmin(DeskAdmin):
    shared_because = "Derselbe deutsche Text wird überall gleich übersetzt."
    list_display = ["german", "language", "text"]
    list_filter = ["language"]
    search_fields = ["german", "text"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        # A filter that makes no sense is answered with a redirect, without a list.
        context = getattr(response, "context_data", None)
        if context is not None and "cl" in context and self.has_add_permission(request):
            missing = untranslated(list(districts_of(request.user)), timezone.localdate())
            context |= {"untranslated": missing[:MOST_SHOWN], "untranslated_count": len(missing)}
        return response
