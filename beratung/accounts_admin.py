"""How does whoever runs the installation make accounts, without becoming more than that?

Not a superuser, such an account (group "Betrieb") sees and changes only accounts that have nothing it could not give: no
superuser, no right of its own, no group but the ready-made ones, no district or provider outside its own districts. Its own
account it reads only. Groups themselves are changed by superusers alone.
"""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import (
    AdminUserCreationForm,
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from appointments.models import ProviderStaff
from beratung.groups import GROUPS, NAMES
from beratung.login.devices import forget
from locations.admin import DeskInline
from locations.models import DistrictStaff
from locations.scope import districts_of

SUPERUSERS_ALONE = frozenset({"is_superuser", "user_permissions"})


class OneAddress(forms.ModelForm):
    """An account whose e-mail address no other has: the identity provider knows people by it."""

    def clean_email(self) -> str:
        email = self.cleaned_data.get("email") or ""
        if email and User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Diese E-Mail-Adresse hat schon ein anderes Konto.")
        return email


class PasswordLink(ReadOnlyPasswordHashWidget):
    """The link to a new password, in German as everything else."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"button_label": "Neues Passwort setzen"}


class AccountForm(OneAddress, UserChangeForm):
    password = ReadOnlyPasswordHashField(
        label="Passwort", widget=PasswordLink, help_text="Gespeichert ist nur ein Prüfwert; niemand kann es lesen."
    )


class NewAccountForm(OneAddress, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        fields = ("username", "email")


class DistrictStaffInline(DeskInline):
    model = DistrictStaff
    extra = 1
    verbose_name = "Landkreis"
    verbose_name_plural = "Zuständig für Landkreise"


class ProviderStaffInline(DeskInline):
    model = ProviderStaff
    extra = 1
    verbose_name = "Träger"
    verbose_name_plural = "Gehört zu Trägern (nur für Konten ohne Landkreis)"


admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(UserAdmin):
    form = AccountForm
    add_form = NewAccountForm
    inlines = [DistrictStaffInline, ProviderStaffInline]
    list_display = ["username", "last_name", "first_name", "its_groups", "its_places", "is_active", "second_factor"]
    list_filter = ["is_active", "groups"]
    actions = ["forget_second_factor", "unlock"]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "email", "usable_password", "password1", "password2"]})
    ]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        (
            "Rechte",
            {
                "fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"],
                "description": "Die Gruppe sagt, was jemand darf; der Landkreis oder der Träger unten, wo. Zur Verwaltung "
                "gehört „Mitarbeiter-Status“; Mitglieder des Ausschusses brauchen ihn nicht.",
            },
        ),
        ("Zuletzt", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ["user_permissions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows = super().get_queryset(request).annotate(has_app=Exists(app))
        rows = rows.prefetch_related("groups", "districts__district", "providers__provider")
        return rows if request.user.is_superuser else rows.exclude(_beyond(request.user))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        seen = obj is None or request.user.is_superuser or self._is_within(request, obj)
        return super().has_view_permission(request, obj) and seen

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # What somebody has signed keeps its name; an account that is no longer needed is switched off.
        return request.user.is_superuser and super().has_delete_permission(request, obj)

    def _may_touch(self, request: HttpRequest, account: User | None) -> bool:
        if account is None or request.user.is_superuser:
            return True
        return account.pk != request.user.pk and self._is_within(request, account)

    def _is_within(self, request: HttpRequest, account: User) -> bool:
        known = request.__dict__.setdefault("_accounts_within", {})
        if account.pk not in known:
            known[account.pk] = User.objects.filter(pk=account.pk).exclude(_beyond(request.user)).exists()
        return known[account.pk]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return found if request.user.is_superuser or obj is None else _without(found, SUPERUSERS_ALONE)

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if "groups" in form.base_fields:
            form.base_fields["groups"].widget = forms.CheckboxSelectMultiple()
            form.base_fields["groups"].help_text = " · ".join(f"{one.name}: {one.purpose}" for one in GROUPS)
        return form

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = Group.objects.filter(name__in=NAMES)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.action(description="Zweiten Faktor zurücksetzen", permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for account in self._touchable(request, queryset):
            forget(account)
            self.log_change(request, account, "Zweiter Faktor zurückgesetzt.")
            messages.success(
                request, f"{account}: Bei der nächsten Anmeldung wird ein neuer zweiter Faktor eingerichtet."
            )

    @admin.action(description="Sperre nach falschen Passwörtern aufheben", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for account in self._touchable(request, queryset):
            reset(username=account.get_username())
            self.log_change(request, account, "Sperre aufgehoben.")
            messages.success(request, f"{account}: Die Anmeldung ist nicht mehr gesperrt.")

    def _touchable(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        found = list(queryset)
        touchable = [account for account in found if self.has_change_permission(request, account)]
        for account in found:
            if account not in touchable:
                messages.warning(request, f"{account}: Das eigene Konto ändert jemand anderes.")
        return touchable

    @admin.display(description="Gruppen")
    def its_groups(self, account: User) -> str:
        if account.is_superuser:
            return "alle Rechte"
        return ", ".join(group.name for group in account.groups.all())

    @admin.display(description="Landkreise und Träger")
    def its_places(self, account: User) -> str:
        places = [
            *(one.district for one in account.districts.all()),
            *(one.provider for one in account.providers.all()),
        ]
        return ", ".join(map(str, places))

    @admin.display(description="zweiter Faktor", boolean=True)
    def second_factor(self, account: Any) -> bool:
        return account.has_app


@admin.register(Group)
class ReadyMadeGroups(GroupAdmin):
    """Groups, to be read; who could change them could give everything."""

    list_display = ["name", "purpose"]

    @admin.display(description="wofür")
    def purpose(self, group: Group) -> str:
        return next((one.purpose for one in GROUPS if one.name == group.name), "")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser and (obj is None or obj.name not in NAMES)


def _beyond(user: Any) -> Q:
    """Return the condition that an account has what this one could not give."""
    own = districts_of(user).values("pk")
    elsewhere = DistrictStaff.objects.exclude(district__in=own).values("user")
    for_others = ProviderStaff.objects.exclude(provider__district__in=own).values("user")
    other_groups = User.groups.through.objects.exclude(group__name__in=NAMES).values("user")
    single_rights = User.user_permissions.through.objects.values("user")
    return (
        Q(is_superuser=True)
        | Q(pk__in=elsewhere)
        | Q(pk__in=for_others)
        | Q(pk__in=other_groups)
        | Q(pk__in=single_rights)
    )


def _without(fieldsets: Any, hidden: frozenset[str]) -> list[Any]:
    return [
        (title, given | {"fields": [field for field in given["fields"] if field not in hidden]})
        for title, given in fieldsets
    ]
