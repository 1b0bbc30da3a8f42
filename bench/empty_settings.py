"""What does Django cost by itself? The settings of an empty view: the middleware of `startproject`, or none (EMPTY=bare)."""

import os

from beratung.settings import *  # noqa: F403

ROOT_URLCONF = "bench.empty_settings"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if os.environ.get("EMPTY") == "bare":
    MIDDLEWARE = []


def empty(request):
    from django.http import HttpResponse

    return HttpResponse("")


def __getattr__(name):
    # The addresses, made when they are asked for: the settings are complete by then.
    if name == "urlpatterns":
        from django.urls import re_path

        return [re_path("", empty)]
    raise AttributeError(name)
