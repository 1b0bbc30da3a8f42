"""How is the room "beratung" called in the interface?"""

from django.apps import AppConfig


class BeratungConfig(AppConfig):
    name = "beratung"
    verbose_name = "Beratung vor Ort"
