"""How is the room "appointments" called in the interface?"""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = "Angebote und Termine"
