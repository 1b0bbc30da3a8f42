"""What does a provider's account do at the desk? It sees its own offers and slots, and proposes; nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from appointments.admin_forms import SlotForm
from appointments.models import Offer, Slot, only_proposes, providers_of
from locations.models import Institution

# What staff alone says; a provider's form has no such field, and what is sent for one is not read.
STAFF_FIELDS = frozenset({"room", "counsellors", "proposed_on", "agreed_on", "published_on", "withdrawn_on"})


def still_proposed() -> Q:
    """Return the condition that nobody has agreed on, published or withdrawn the slot."""
    return Q(agreed_on__isnull=True, published_on__isnull=True, withdrawn_on__isnull=True)


class ProposalForm(SlotForm):
    """A slot as a provider proposes it, today."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.proposed_on = timezone.localdate()


class OwnOffers:
    """The list of offers as a provider's account reads it."""

    def seen_besides(self, request: HttpRequest) -> Q:
        return Q(provider__in=providers_of(request.user).values("pk"))


class Proposals:
    """The list of slots as a provider's account uses it."""

    def seen_besides(self, request: HttpRequest) -> Q:
        return Q(offer__provider__in=providers_of(request.user).values("pk"))

    def changed_besides(self, request: HttpRequest) -> Q:
        return self.seen_besides(request) & still_proposed()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if only_proposes(request.user):
            kwargs["form"] = ProposalForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return _without_staff_fields(found) if only_proposes(request.user) else found

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        # Answers of autocomplete would need the right to read whole lists.
        return () if only_proposes(request.user) else super().get_autocomplete_fields(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        found = super().get_list_filter(request)
        if only_proposes(request.user):
            return [one for one in found if getattr(one, "parameter_name", "") == "stand"]
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if only_proposes(request.user) and isinstance(field, ModelChoiceField):
            field.queryset = _offered(db_field, request.user)
            # No plus beside it: a provider adds neither offers nor houses.
            field.widget.can_add_related = field.widget.can_change_related = False
        return field

    def has_restore_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # An earlier state may have been an agreed one.
        return not only_proposes(request.user) and super().has_restore_permission(request, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if only_proposes(request.user):
            raise PermissionDenied
        return super().delete_view(request, object_id, extra_context)

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if only_proposes(request.user):
            messages.info(
                request, "Ihr Vorschlag ist beim Landkreis. Familien sehen ihn erst, wenn er ihn veröffentlicht."
            )


def _offered(db_field: Any, user: Any) -> Any:
    """Return what a provider may choose for the field: its offers, and the houses of its districts that are no secret."""
    if db_field.name == "offer":
        return Offer.objects.filter(provider__in=providers_of(user).values("pk"))
    if db_field.name == "institution":
        own = providers_of(user).values("district")
        served = Slot.objects.filter(offer__provider__in=providers_of(user).values("pk")).values("institution")
        open_to_all = Q(municipality__district__in=own, address_is_public=True)
        return Institution.objects.filter(open_to_all | Q(pk__in=served))
    return db_field.remote_field.model._default_manager.none()


def _without_staff_fields(fieldsets: Any) -> list[Any]:
    kept = [
        (title, given | {"fields": [one for one in given["fields"] if not _is_staffs(one)]})
        for title, given in fieldsets
    ]
    return [(title, given) for title, given in kept if given["fields"]]


def _is_staffs(field: str | tuple[str, ...]) -> bool:
    return bool(STAFF_FIELDS & ({field} if isinstance(field, str) else set(field)))
