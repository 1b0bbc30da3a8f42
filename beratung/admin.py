"""What of others' machinery does the desk hide?"""

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

# Keys and codes are their owner's; who lost them gets new ones, nobody reads them.
admin.site.unregister([StaticDevice, TOTPDevice])
