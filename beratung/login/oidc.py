"""Does the district's identity provider vouch for this account? Login by OpenID Connect; off unless it is set."""

from __future__ import annotations

import logging
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView
from requests import RequestException

from beratung.login.devices import has_second_factor
from beratung.login.middleware import OWES_CODE
from beratung.login.views import start_page

logger = logging.getLogger(__name__)
REFUSED = (RequestException, SuspiciousOperation, jwt.InvalidTokenError, KeyError, ValueError)


class DistrictAccounts(OIDCAuthenticationBackend):
    """Logs into an account that exists already and has this e-mail address, if the provider has verified it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Django asks every backend for permissions, also where no provider is set.
        if settings.OIDC_RP_CLIENT_ID:
            super().__init__(*args, **kwargs)

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> Any:
        return super().authenticate(request, **kwargs) if settings.OIDC_RP_CLIENT_ID else None

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Return what the token says; the library leaves to us whom it was made for, and by whom."""
        payload = super().verify_token(token, **kwargs)
        audience = payload["aud"] if isinstance(payload["aud"], list) else [payload["aud"]]
        if settings.OIDC_RP_CLIENT_ID not in audience:
            raise SuspiciousOperation("The token was made for another application.")
        if settings.OIDC_ISSUER and payload.get("iss") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("The token comes from another provider.")
        return payload

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        return bool(claims.get("email")) and claims.get("email_verified") is True

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[Any]:
        return super().filter_users_by_claims(claims).filter(is_active=True)


class _Set:
    """Addresses that exist only where a provider is set."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.OIDC_RP_CLIENT_ID:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Start(_Set, OIDCAuthenticationRequestView):
    """Sends the visitor to the provider."""


class Return(_Set, OIDCAuthenticationCallbackView):
    """Takes the visitor back from the provider; whatever goes wrong ends on the login page with a sentence."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            return super().get(request)
        except REFUSED as error:
            # The message may hold what the provider knows about the person.
            logger.warning("Anmeldung über den Identitätsanbieter abgelehnt: %s", type(error).__name__)
            return self.login_failure()

    def login_success(self) -> HttpResponse:
        response = super().login_success()
        self.request.session["second_factor_elsewhere"] = settings.OIDC_HAS_SECOND_FACTOR
        self.request.session[OWES_CODE] = not settings.OIDC_HAS_SECOND_FACTOR and has_second_factor(self.request.user)
        return response

    @property
    def success_url(self) -> str:
        return self.request.session.get("oidc_login_next") or start_page(self.request)
