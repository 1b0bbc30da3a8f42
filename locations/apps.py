"""How is the room "locations" called in the interface?"""

from django.apps import AppConfig


class LocationsConfig(AppConfig):
    name = "locations"
    verbose_name = "Orte und Einrichtungen"
