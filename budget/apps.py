"""How is the room "budget" called in the interface?"""

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    name = "budget"
    verbose_name = "Beschlüsse und Geld"
