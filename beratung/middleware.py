"""Which language has the answer, and which headers has every answer, even one that is refused at the door?"""

from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

# The product asks a browser for none of these, so that no injected script could either.
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)


class HeadersMiddleware:
    """Writes what neither Django nor django-csp knows, and what Django leaves out where it refuses a request itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # The interface says otherwise of itself.
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        return response


class PolicyOnceMiddleware(CSPMiddleware):
    """django-csp, which builds the same policy anew for every answer: a sixth of what a kept page costs."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        asks_for_more = settings.DEBUG or any(name.startswith("_csp_") for name in (*vars(request), *vars(response)))
        if asks_for_more:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, the_policy())
        return response


@lru_cache(maxsize=1)
def the_policy() -> str:
    """Return the policy of every page that asks for nothing else."""
    return build_policy()


class LanguageOfThePathMiddleware:
    """Answers in the language the path begins with, else in German; neither a cookie nor the browser is asked.

    Django's LocaleMiddleware comes to the same language, but says "Vary: Accept-Language", which is not true here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
