"""How does an open-data portal find these data? A DCAT-AP catalogue as JSON-LD, the licence stated."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query

from beratung.api.answers import JSON, answer, as_json, known, moment
from beratung.api.atom import ATOM
from beratung.api.changes import last_change, said_today
from beratung.api.csv_files import CSV
from beratung.api.districts import district_of
from beratung.api.geojson import GEOJSON
from beratung.api.links import site_of
from beratung.api.parameters import OfDistrict
from beratung.api.publishing import LICENCE, published
from locations.models import District

JSON_LD: Final = "application/ld+json"
LICENCE_URI: Final = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
MEDIA: Final = "https://www.iana.org/assignments/media-types/"
EU: Final = "http://publications.europa.eu/resource/authority"
CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Terms = dict[str, Any]


@published(
    "/dcat/katalog.jsonld",
    summary="Katalogeintrag für ein Open-Data-Portal (DCAT-AP)",
    tag="DCAT-AP",
    name="dcat",
    asked=OfDistrict,
    media_type=JSON_LD,
    more=(JSON,),
)
def catalogue(request: HttpRequest, asked: Query[OfDistrict]) -> HttpResponse:
    district = district_of(asked)
    terms = Catalogue(district, site_of(request), moment(last_change())).terms()
    return answer(request, as_json(terms), media_type=JSON_LD, changed_at=said_today(last_change()))


class Catalogue:
    """The data sets of one district."""

    def __init__(self, district: District, site: str, modified: str) -> None:
        self.district, self.site, self.modified = district, site, modified

    def terms(self) -> Terms:
        """Return the catalogue with its data sets."""
        return {
            "@context": CONTEXT,
            "@id": f"{self._address('dcat')}#katalog",
            "@type": "dcat:Catalog",
            "dct:title": _german(f"Beratung vor Ort: {self.district.name}"),
            "dct:description": _german("Feste Beratungstermine und ihre Abdeckung der Gemeinden."),
            "dct:publisher": self._publisher(),
            "dct:license": {"@id": LICENCE_URI},
            "dct:language": {"@id": f"{EU}/language/DEU"},
            "dct:modified": _moment(self.modified),
            "foaf:homepage": {"@id": self._address("data", of_district=False)},
            "dcat:dataset": [self._slots(), self._coverage()],
        }

    def _slots(self) -> Terms:
        return self._dataset(
            "termine",
            "Feste Beratungstermine",
            "Wann und wo der nächste Beratungstermin stattfindet, mit Ausfällen und Verlegungen.",
            [
                self._distribution("HSDS 3.0", "hsds_services", JSON, "JSON", of_district=False),
                self._distribution("Tabelle", "csv_slots", CSV, "CSV"),
                self._distribution("Einrichtungen mit nächstem Termin", "geojson_institutions", GEOJSON, "GEOJSON"),
                self._calendar(),
                self._distribution("Änderungen", "atom", ATOM, "ATOM", of_district=False),
            ],
        )

    def _coverage(self) -> Terms:
        return self._dataset(
            "abdeckung",
            "Abdeckung der Gemeinden mit festen Beratungsterminen",
            "Für jede Gemeinde und jeden Tag, ob mindestens eine Einrichtung einen festen Termin hat.",
            [
                self._distribution("Tabelle", "csv_coverage", CSV, "CSV"),
                self._distribution("Gemeinden mit Abdeckung", "geojson_municipalities", GEOJSON, "GEOJSON"),
            ],
        )

    def _dataset(self, key: str, title: str, text: str, distributions: list[Terms]) -> Terms:
        return known(
            {
                "@id": f"{self._address('dcat')}#{key}",
                "@type": "dcat:Dataset",
                "dct:identifier": f"{self.district.uuid}/{key}",
                "dct:title": _german(f"{title}, {self.district.name}"),
                "dct:description": _german(text),
                "dct:publisher": self._publisher(),
                "dcat:contactPoint": self._contact(),
                "dcat:theme": {"@id": f"{EU}/data-theme/SOCI"},
                "dcat:keyword": [_german(word) for word in ("Beratung", "Familie", "Soziales", "Sprechstunde")],
                "dct:accrualPeriodicity": {"@id": f"{EU}/frequency/CONT"},
                "dct:language": {"@id": f"{EU}/language/DEU"},
                "dct:modified": _moment(self.modified),
                "dcatde:politicalGeocodingURI": {
                    "@id": f"http://dcat-ap.de/def/politicalGeocoding/districtKey/{self.district.key}"
                },
                "dcat:distribution": distributions,
            }
        )

    def _calendar(self) -> Terms:
        address = f"{self.site}{reverse('district_calendar', args=[self.district.slug])}"
        return _distribution("Kalender", address, "text/calendar", "ICS")

    def _distribution(self, title: str, name: str, media: str, file: str, *, of_district: bool = True) -> Terms:
        return _distribution(title, self._address(name, of_district=of_district), media, file)

    def _address(self, name: str, *, of_district: bool = True) -> str:
        path = reverse(name if name == "data" else f"api:{name}")
        return f"{self.site}{path}" + (f"?kreis={self.district.slug}" if of_district else "")

    def _publisher(self) -> Terms:
        return {
            "@id": f"{self.site}{reverse('district', args=[self.district.slug])}",
            "@type": "foaf:Organization",
            "foaf:name": self.district.name,
        }

    def _contact(self) -> Terms:
        return known(
            {
                "@type": "vcard:Organization",
                "vcard:fn": self.district.name,
                "vcard:hasEmail": {"@id": f"mailto:{self.district.email}"} if self.district.email else None,
                "vcard:hasURL": {"@id": self.district.website or self.site},
            }
        )


def _distribution(title: str, address: str, media: str, file: str) -> Terms:
    return {
        "@id": f"{address}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _german(title),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"{MEDIA}{media}"},
        "dct:format": {"@id": f"{EU}/file-type/{file}"},
        "dct:license": {"@id": LICENCE_URI},
        "dct:rights": {"@id": LICENCE["url"]},
    }


def _german(text: str) -> Terms:
    return {"@value": text, "@language": "de"}


def _moment(text: str) -> Terms:
    return {"@value": text, "@type": "xsd:dateTime"}
