"""Which German words name days, months, ordinals and numbers, and which cannot or might change a rhythm?"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import Final

WEEKDAY_NAMES: Final = {
    "montag": 0,
    "dienstag": 1,
    "mittwoch": 2,
    "donnerstag": 3,
    "freitag": 4,
    "samstag": 5,
    "sonnabend": 5,
    "sonntag": 6,
}
WEEKDAY_SHORT: Final = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}
# Only with a full stop: without it they are other words ("die", "mit") or too rare to be sure of.
WEEKDAY_SHORT_DOTTED: Final = {"mon": 0, "die": 1, "mit": 2, "don": 3, "fre": 4, "sam": 5, "son": 6}
DAY_PARTS: Final = "vormittag|nachmittag|abend|mittag|morgen"

MONTH_NAMES: Final = {
    **{"januar": 1, "jänner": 1, "jan": 1, "februar": 2, "feb": 2, "märz": 3, "maerz": 3, "mrz": 3, "april": 4},
    **{"apr": 4, "mai": 5, "juni": 6, "jun": 6, "juli": 7, "jul": 7, "august": 8, "aug": 8, "september": 9},
    **{"sept": 9, "sep": 9, "oktober": 10, "okt": 10, "november": 11, "nov": 11, "dezember": 12, "dez": 12},
}
NUMBER_WORDS: Final = {
    **{"zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8},
    **{"neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "vierzehn": 14},
}
ORDINAL_STEMS: Final = {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "letzt": -1}
ORDINAL_WORDS: Final = {stem + end: n for stem, n in ORDINAL_STEMS.items() for end in ("e", "er", "en", "es", "em")}

EVERY: Final = frozenset(("jeden", "jeder", "jede", "jedem", "jedes", "jd", "jeweils", "immer", "stets", "regelmäßig"))
# Words that stand between the parts of a rhythm without adding anything to it.
FILLERS: Final = frozenset(
    (
        *("an", "in", "im", "der", "die", "das", "dem", "den", "des", "vom", "zeit", "findet", "finden"),
        *("sprechzeit", "sprechzeiten", "sprechstunde", "öffnungszeiten", "geöffnet", "offen"),
    )
)
# Lower-case words that say what happens or where, never when.
HARMLESS: Final = frozenset(
    (
        *("bei", "beim", "mit", "für", "zum", "zur", "durch", "auf", "unter", "ein", "eine", "einen", "einem", "einer"),
        *("eines", "ist", "sind", "wird", "alle", "ihre", "unsere", "kostenlos", "kostenfrei", "gefördert", "siehe"),
        *("offene", "offener", "offenes", "gemeinsames", "themenbezogenes", "internationaler", "junge", "kleine"),
        *("trockener", "telefonisch", "telefonische", "persönlich", "persönliche", "anonym", "vertraulich", "online"),
        *("kochen", "backen", "basteln", "spielen", "lesen", "malen", "singen", "turnen", "nähen", "frühstücken"),
        *("vormittags", "nachmittags", "abends", "mittags", "morgens", "vormittag", "nachmittag", "abend", "familien"),
        *(
            "kinder",
            "eltern",
            "jugendliche",
            "beratung",
            "gruppe",
            "erforderlich",
            "nötig",
            "erbeten",
            "schule",
            "kita",
            "rathaus",
            "haus",
        ),
    )
)
# Capitalised or not, these may change which days are meant; unknown lower-case words are refused anyway.
RISKY_WORDS: Final = frozenset(
    (
        *(
            "nach",
            "vor",
            "seit",
            "bis",
            "je",
            "pro",
            "nur",
            "nie",
            "nicht",
            "nich",
            "nichts",
            "kein",
            "keine",
            "keinen",
        ),
        *("ohne", "fast", "mehr", "oft", "etwa", "gegen", "circa", "ca", "zirka", "wenn", "falls", "sofern", "solange"),
        *(
            "statt",
            "start",
            "sonst",
            "oder",
            "bzw",
            "test",
            "heute",
            "gestern",
            "bald",
            "zu",
            "ab",
            "evtl",
            "ggf",
            "tage",
        ),
        *NUMBER_WORDS,
        *("n", "v", "kw", "ukw", "gkw", "regel", "aber", "jedoch", "sondern", "ausnahmsweise", "aktuell", "später"),
        *("zweimal", "dreimal", "viermal", "mehrmals", "einmal", "letztmals", "erstmals", "jahr", "jahre", "fall"),
    )
)
RISKY_STEMS: Final = (
    *("schulzeit", "schuljahr", "schulhalb", "schultag", "semester", "vorlesungs", "vereinbar", "absprach", "anfrag"),
    *("bedarf", "kalenderwoch", "woche", "wöchen", "monat", "quartal", "halbjahr", "feiertag", "advent", "weihnacht"),
    *("ostern", "pfingst", "karneval", "fasching", "sommer", "winter", "frühling", "frühjahr", "herbst", "urlaub"),
    *("krank", "vertret", "ausfall", "ausfäll", "fallen", "fällt", "entfall", "entfäll", "geschlossen", "schließ"),
    *("gesperrt", "belegt", "besetzt", "pause", "pausier", "ausgebucht", "ausnahm", "ausgenommen", "ausgen", "außer"),
    *("ausser", "meist", "manchmal", "eventuell", "ungefähr", "vorauss", "vorläuf", "gelegentlich", "teilweise"),
    *("abwechsel", "wechsel", "turnus", "selten", "möglich", "vielleicht", "nächst", "diese", "kommend", "geänder"),
    *("änder", "abweich", "vorübergeh", "beziehungs", "ungerad", "gerade", "werktag", "wochentag", "vorletzt"),
    *("übernächst", "einmalig", "probe", "geplant", "alternier", "rollier", "beginn", "reihum", "rhythm", "bisher"),
    *("sporadisch", "unregel", "saison", "gewöhnlich", "normal", "üblich", "grundsätz", "zumeist", "vielfach"),
    *("allgemein", "früher", "bislang", "derzeit", "zurzeit", "momentan", "künftig", "zukünftig", "demnächst"),
    *("ersatz", "reserve", "ende", "anfang", "mitte"),
)
_RISKY_CORES: Final = ("ferien", "monat", "jähr", "wöch", "woche", "tägig", "täglich")
_RISKY_ENDS: Final = ("weise", "mals", "malig")
# Nouns seldom end so: at the start of a sentence a capital does not show whether it is an adverb.
ADVERB_ENDS: Final = ("lich", "isch", "ig", "ens", "ings", "mal", "stens", "fach")
_NOT_TYPOS: Final = frozenset(("dienst", "dienste", "diensten", "montage"))


def is_risky(word: str) -> bool:
    """Return whether the lower-case word might change which days are meant."""
    if word in RISKY_WORDS or word.startswith(RISKY_STEMS) or word.endswith(_RISKY_ENDS):
        return True
    return any(core in word for core in _RISKY_CORES)


@lru_cache(maxsize=1024)
def near_weekday(word: str) -> str | None:
    """Return the weekday of which the lower-case word looks like a misspelling."""
    if not 5 <= len(word) <= 12 or word[0] not in "modfs" or word in _NOT_TYPOS:
        return None
    return next(iter(get_close_matches(word.removesuffix("s"), WEEKDAY_NAMES, n=1, cutoff=0.75)), None)
