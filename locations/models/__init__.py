"""Where is it? Districts, municipalities, localities and the institutions that open their doors."""

from locations.models.days_off import Closure, SchoolHoliday
from locations.models.foreign import ForeignId
from locations.models.history import History
from locations.models.imports import ImportChunk, ImportFinding, ImportRun
from locations.models.institutions import DriveTime, Institution, Room
from locations.models.municipalities import District, HelpLine, Locality, Municipality, PostalCode, ServicePoint
from locations.models.populations import Population, peopled
from locations.models.public_version import PublicVersion, Version
from locations.models.request_counts import RequestCount
from locations.models.shared import Placed, Recorded, in_force, period_constraint, point_constraint
from locations.models.staff import DistrictStaff

__all__ = [
    "Closure",
    "District",
    "DistrictStaff",
    "DriveTime",
    "ForeignId",
    "HelpLine",
    "History",
    "ImportChunk",
    "ImportFinding",
    "ImportRun",
    "Institution",
    "Locality",
    "Municipality",
    "Placed",
    "Population",
    "PostalCode",
    "PublicVersion",
    "Recorded",
    "RequestCount",
    "Room",
    "SchoolHoliday",
    "ServicePoint",
    "Version",
    "in_force",
    "peopled",
    "period_constraint",
    "point_constraint",
]
