"""Which second factors does an account have? An app (TOTP), and codes on paper for the day it is lost."""

from __future__ import annotations

from base64 import b32encode

import segno
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

PAPER_CODES = 10


def has_second_factor(user: AbstractBaseUser) -> bool:
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists()


def waiting_app(user: AbstractBaseUser) -> TOTPDevice:
    """Return the app that the account is setting up; the same one until its first code came."""
    device, _ = TOTPDevice.objects.get_or_create(user_id=user.pk, confirmed=False, defaults={"name": "App"})
    return device


def key_of(device: TOTPDevice) -> str:
    """Return the key in groups of four, for those who type it into the app."""
    key = b32encode(device.bin_key).decode()
    return " ".join(key[place : place + 4] for place in range(0, len(key), 4))


def picture_of(device: TOTPDevice) -> str:
    """Return the QR code of the key as a data address (SVG)."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=4, dark="#000", light="#fff")


@transaction.atomic
def device_for(user: AbstractBaseUser, code: str, *, waiting: Device | None = None) -> Device | None:
    """Return the device that takes this code, under a lock; each device counts its failures and makes the next one wait."""
    if waiting is not None:
        device = TOTPDevice.objects.select_for_update().get(pk=waiting.pk)
        return device if device.verify_token(code) else None
    return next((device for device in devices_for_user(user, for_verify=True) if device.verify_token(code)), None)


@transaction.atomic
def confirm(device: TOTPDevice) -> list[str]:
    """Put the app in force in place of any other, and return the new codes on paper; they are shown once."""
    TOTPDevice.objects.filter(user_id=device.user_id).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return new_paper_codes(device.user)


@transaction.atomic
def new_paper_codes(user: AbstractBaseUser) -> list[str]:
    StaticDevice.objects.filter(user_id=user.pk).delete()
    device = StaticDevice.objects.create(user_id=user.pk, name="Papier")
    codes = [StaticToken.random_token() for _ in range(PAPER_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def forget(user: AbstractBaseUser) -> None:
    """Take the second factor off an account whose app and paper are lost; the next login sets up a new one."""
    for device in devices_for_user(user, confirmed=None):
        device.delete()
