"""Which provider may an account speak for?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from appointments.models.offers import Provider
from locations.models import District, History


class ProviderStaff(models.Model):
    """An account's provider. Without a district it sees that provider's offers and slots, and may only propose."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="providers", verbose_name="Konto"
    )
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="staff", verbose_name="Träger")

    history = History()

    class Meta:
        verbose_name = "Zugehörigkeit zu einem Träger"
        verbose_name_plural = "Zugehörigkeiten zu Trägern"
        constraints = [
            models.UniqueConstraint(
                name="provider_staff_once_per_provider",
                fields=["user", "provider"],
                violation_error_message="Dieses Konto gehört schon zu diesem Träger.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} für {self.provider}"


def providers_of(user: Any) -> models.QuerySet[Provider]:
    """Return the providers the account speaks for: none for a superuser, or where it is responsible for a district."""
    if not user.is_active or user.is_superuser:
        return Provider.objects.none()
    responsible = District.objects.filter(staff__user=user.pk)
    return Provider.objects.filter(~models.Exists(responsible), staff__user=user.pk)


def only_proposes(user: Any) -> bool:
    """Return whether the account is a provider's, which may propose and nothing else. One query, once an account object."""
    if not hasattr(user, "_only_proposes"):
        user._only_proposes = bool(user.pk) and providers_of(user).exists()
    return user._only_proposes
