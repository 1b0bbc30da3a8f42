"""Which pages may search engines find, and when did each last change?

Results of a search are none of them, and no confidential house has a page to be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.models import Provider, Slot, Topic
from locations.models import Institution, Locality, Municipality

MOST_ADDRESSES = 1_000  # in one file, each in every language and with five alternates


class InEveryLanguage:
    """Each row with each language, read a page at a time: a country's slots do not fit into the memory."""

    def __init__(self, rows: Any, languages: Sequence[str]) -> None:
        self.rows, self.languages = rows, languages

    def __len__(self) -> int:
        count = self.rows.count() if isinstance(self.rows, QuerySet) else len(self.rows)
        return count * len(self.languages)

    def __getitem__(self, part: slice) -> list[tuple[Any, str]]:
        many = len(self.languages)
        first, last = part.start // many, -(-part.stop // many)
        pairs = [(row, language) for row in self.rows[first:last] for language in self.languages]
        return pairs[part.start - first * many : part.stop - first * many]


class FamilyPages(Sitemap):
    """Pages that exist in every language."""

    i18n = True
    alternates = True  # each address names its sisters in the other languages …
    x_default = True  # … and German for whoever reads none of them
    limit = MOST_ADDRESSES

    def lastmod(self, row: Any) -> datetime | None:
        return row.changed_at

    def _items(self) -> InEveryLanguage:
        return InEveryLanguage(self.items(), self._languages())

    def get_latest_lastmod(self) -> None:
        """Return nothing: the index would have to read every row of the country; each row says it in its own part."""


class Starts(FamilyPages):
    def items(self) -> list[str]:
        return ["home", "topics", "municipalities"]

    def location(self, name: str) -> str:
        return reverse(name)

    def lastmod(self, name: str) -> None:
        """Return nothing: these change with every day."""


class Slots(FamilyPages):
    def items(self) -> QuerySet[Slot]:
        rows = ("changed_at", "offer__changed_at", "offer__provider__changed_at", "institution__changed_at")
        return Slot.objects.public(timezone.localdate()).annotate(last_change=Greatest(*rows)).order_by("pk")

    def location(self, slot: Slot) -> str:
        return reverse("slot", args=[slot.uuid])

    def lastmod(self, slot: Slot) -> datetime:
        """Return when the slot, its offer, provider or house last changed. The sitemap of a day says nothing about its dates."""
        return slot.last_change


class Institutions(FamilyPages):
    def items(self) -> QuerySet[Institution]:
        public = Institution.objects.in_operation(timezone.localdate()).filter(address_is_public=True)
        return public.order_by("pk")

    def location(self, house: Institution) -> str:
        return reverse("institution", args=[house.slug])


class Municipalities(FamilyPages):
    def items(self) -> QuerySet[Municipality]:
        return Municipality.objects.existing(timezone.localdate()).defer("boundary").order_by("pk")

    def location(self, municipality: Municipality) -> str:
        return reverse("municipality", args=[municipality.ags, municipality.slug])


def _exists_on(day: date, path: str) -> Q:
    """Return the condition that there is a municipality behind the path, and that it exists on the day."""
    begun = Q(**{f"{path}__first_day__isnull": True}) | Q(**{f"{path}__first_day__lte": day})
    lasting = Q(**{f"{path}__last_day__isnull": True}) | Q(**{f"{path}__last_day__gte": day})
    return Q(**{f"{path}__isnull": False}) & begun & lasting


class Localities(FamilyPages):
    """Villages under the municipality of today; one entered twice, before and after a merger, has one page."""

    def items(self) -> QuerySet[Locality]:
        day = timezone.localdate()
        today = Q(municipality__last_day=None) | Q(municipality__last_day__gte=day)
        again = Locality.objects.filter(slug=OuterRef("slug"), municipality=OuterRef("municipality__successor"))
        heirs = ~today & _exists_on(day, "municipality__successor") & ~Exists(again)
        rows = Locality.objects.filter(today | heirs).select_related("municipality__successor").order_by("pk")
        return rows.defer("municipality__boundary", "municipality__successor__boundary")

    def location(self, locality: Locality) -> str:
        municipality = locality.municipality
        if municipality.last_day and municipality.last_day < timezone.localdate():
            municipality = municipality.successor
        return reverse("locality", args=[municipality.ags, municipality.slug, locality.slug])

    def lastmod(self, locality: Locality) -> None:
        """Return nothing: nobody keeps when a village was last edited."""


class Topics(FamilyPages):
    def items(self) -> QuerySet[Topic]:
        return Topic.objects.order_by("pk")

    def location(self, topic: Topic) -> str:
        return reverse("topic", args=[topic.slug])


class Providers(FamilyPages):
    def items(self) -> QuerySet[Provider]:
        shown = Slot.objects.public(timezone.localdate()).filter(offer__provider=OuterRef("pk"))
        return Provider.objects.filter(Exists(shown)).order_by("pk")

    def location(self, provider: Provider) -> str:
        return reverse("provider", args=[provider.slug])


class Notes(Sitemap):
    """Pages there is one of."""

    def items(self) -> Iterable[str]:
        return ["districts", "plain_german", "accessibility", "privacy", "imprint"]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {
    "start": Starts,
    "termine": Slots,
    "einrichtungen": Institutions,
    "gemeinden": Municipalities,
    "ortsteile": Localities,
    "themen": Topics,
    "traeger": Providers,
    "seiten": Notes,
}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Say where the pages are listed. Answers to searches are endless and stand in no index; the admin is nobody's."""
    lines = (
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*?",
        # What is near one place is a page worth finding; every further wish multiplies them without end.
        "Allow: /?ort=",
        "Disallow: /?ort=*&",
        # Long sitemaps have pages.
        "Allow: /sitemap-",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
