"""How does the administration show and change only what lies in the districts of the account?

Each list says by which path its rows lead to their district, or why they belong to all. A list that says neither is empty
for everybody but superusers. From that follow its rows, the permissions, the choices of fields and filters, the answers of
autocomplete, and what may be brought back from the history.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from locations.scope import Paths, districts_of, is_responsible_for_all, lay_within, within

NOTHING = Q(pk__in=[])


def rows_for(request: HttpRequest, model: type[models.Model], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of the rows the account may choose from; all of a model that has no list."""
    own = admin.site._registry.get(model)
    return own.in_scope(request, rows) if isinstance(own, Scoped) else rows


class ScopedChoices:
    """Fields that offer only rows the account may see."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _limit(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _limit(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _limit(db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
    model = db_field.remote_field.model
    if not request.user.is_superuser and isinstance(admin.site._registry.get(model), Scoped):
        offered = kwargs.get("queryset")
        kwargs["queryset"] = rows_for(request, model, model._default_manager.all() if offered is None else offered)


class Scoped(ScopedChoices):
    """A list of rows of which the account sees and changes those of its districts."""

    # The way from a row to its district, as in a query: "municipality__district"; a tuple where it lies in several.
    district_path: str | Paths = ()
    # Why the rows belong to all districts: all staff reads them, who is responsible for every district changes them.
    shared_because: str = ""
    # Rows that lead to no district are shown to everybody.
    shows_rows_of_nobody: bool = False

    @property
    def district_paths(self) -> Paths:
        return (self.district_path,) if isinstance(self.district_path, str) else self.district_path

    def seen_besides(self, request: HttpRequest) -> Q:
        """Return which rows the account sees though they do not lie in its districts."""
        return NOTHING

    def changed_besides(self, request: HttpRequest) -> Q:
        """Return which of these it may change as well."""
        return NOTHING

    def in_scope(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of the rows the account may see."""
        if request.user.is_superuser or self.shared_because:
            return rows
        return rows.filter(self._own(request) | self.seen_besides(request))

    def _own(self, request: HttpRequest) -> Q:
        if not self.district_paths:
            return NOTHING
        own = within(self.district_paths, districts_of(request.user))
        return own | Q(**{self.district_paths[0]: None}) if self.shows_rows_of_nobody else own

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.in_scope(request, super().get_queryset(request))

    def sees(self, request: HttpRequest, row: models.Model | None) -> bool:
        """Return whether the row is one of those the account may see. One query a row and request."""
        if row is None or row.pk is None or self.shared_because or request.user.is_superuser:
            return True
        return self._is_among(request, "sees", row, lambda: self._own(request) | self.seen_besides(request))

    def touches(self, request: HttpRequest, row: models.Model | None) -> bool:
        """Return whether the account may change the row as far as its district goes. One query a row and request."""
        if request.user.is_superuser:
            return True
        if self.shared_because:
            return is_responsible_for_all(request.user)
        if row is None or row.pk is None:
            return True
        return self._is_among(request, "touches", row, lambda: self._own(request) | self.changed_besides(request))

    def _is_among(self, request: HttpRequest, name: str, row: models.Model, condition: Any) -> bool:
        # As stored: what is typed into a form does not decide whether the form may be sent.
        known = request.__dict__.setdefault("_in_scope", {})
        key = (name, self.opts.label, row.pk)
        if key not in known:
            known[key] = self.model._base_manager.filter(condition(), pk=row.pk).exists()
        return known[key]

    def touched(self, request: HttpRequest, entry: Any) -> bool:
        """Return whether the account may bring back what this entry of the history says."""
        if request.user.is_superuser or self.shared_because:
            return self.touches(request, None)
        return bool(self.district_paths) and lay_within(entry, self.district_paths, districts_of(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self.touches(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.sees(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.touches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.touches(request, obj)

    def has_restore_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account may bring back what the history says."""
        return self.has_change_permission(request, obj)


class ScopedFilter(admin.RelatedFieldListFilter):
    """Filters by rows the account may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        related = field.remote_field.model
        offered = rows_for(request, related, related._base_manager.all()).values("pk")
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to=Q(pk__in=offered) if offered.query.where else {}
        )


admin.FieldListFilter.register(lambda field: field.remote_field, ScopedFilter, take_priority=True)
