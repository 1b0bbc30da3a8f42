"""Who decided, and what does it cost? One file a question; others import from here."""

from budget.models.money import Budget, BudgetAmendment, BudgetQuerySet, CostLine, TravelRate
from budget.models.papers import Committee, Consultation, Paper, PaperFile, Pilot, Target
from budget.models.plans import CounsellorWindow, InstitutionTerms, InstitutionWindow, Plan, PlanItem, Weekday

__all__ = [
    "Budget",
    "BudgetAmendment",
    "BudgetQuerySet",
    "Committee",
    "Consultation",
    "CostLine",
    "CounsellorWindow",
    "InstitutionTerms",
    "InstitutionWindow",
    "Paper",
    "PaperFile",
    "Pilot",
    "Plan",
    "PlanItem",
    "Target",
    "TravelRate",
    "Weekday",
]
