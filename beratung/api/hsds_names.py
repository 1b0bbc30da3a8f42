"""What does HSDS need a name for that is no row here: the taxonomy, federal states, facts about access?"""

from __future__ import annotations

from typing import Final
from uuid import NAMESPACE_DNS, uuid5

# Made from its name, and so the same in every installation.
TAXONOMY_ID: Final = uuid5(NAMESPACE_DNS, "beratungslandschaft/beratungsfelder")
TAXONOMY: Final = {
    "id": str(TAXONOMY_ID),
    "name": "Beratungsfelder",
    "description": "Worum es in einer Beratung geht, in der Reihenfolge des Landkreises.",
}

# Facts about a house, as they read where they hold and where they do not.
ACCESS: Final = (
    ("step_free", "Stufenlos erreichbar", "Nicht stufenlos erreichbar"),
    ("lift", "Aufzug", "Kein Aufzug"),
    ("accessible_toilet", "WC stufenlos erreichbar", "Kein stufenloses WC"),
    ("parking", "Parkplatz", "Kein Parkplatz"),
)

# ISO 3166-2:DE
STATES: Final = {
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-BE": "Berlin",
    "DE-BB": "Brandenburg",
    "DE-HB": "Bremen",
    "DE-HH": "Hamburg",
    "DE-HE": "Hessen",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-SH": "Schleswig-Holstein",
    "DE-TH": "Thüringen",
}
