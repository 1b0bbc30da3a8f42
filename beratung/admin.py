"""How is the administration put together, and what of others' machinery does it hide?"""

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

# They register what the start page leads to.
from beratung import accounts_admin, desk_admin, imports_admin  # noqa: F401

# Keys and codes are their owner's; who lost them gets new ones, nobody reads them.
admin.site.unregister([StaticDevice, TOTPDevice])
