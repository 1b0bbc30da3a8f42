"""Which is the cheapest plan that covers every municipality of the plan whichever single institution closes?

Every house is a node of its own. A municipality needs two houses in all; an existing slot's house is one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from budget.planner.answer import Backup, Proof, ProofStatus
from budget.planner.coverage import ENOUGH, Solved, overfull
from budget.planner.demands import Cap, limits, survive
from budget.planner.exact import Found, cheapest
from budget.planner.instance import Node
from budget.planner.master import Master, SolverError
from budget.planner.reasons import euros, listed
from budget.planner.slots import clashes, priced
from budget.planner.tables import Table, table
from budget.planner.tours import NEVER
from budget.planner.unpack import Unpacker
from budget.planner.workspace import Workspace, drafts_of

MOST_HOUSES = 64  # beyond, the cheapest of each municipality stand for all, and nothing is called proven


def backup_plan(workspace: Workspace, found: Solved) -> Backup | None:
    """Return the plan that survives any closing, and its price beyond the plan; None where there is nothing to back up."""
    keys = sorted({slot.municipality for slot in found.plan.slots} | workspace.covered)
    asked = {one.key: one for one in workspace.question.municipalities}
    covered = {key: len(asked[key].covered_by) for key in keys}
    nodes, is_whole = _nodes(workspace, [key for key in keys if covered[key] < 2])
    reachable = {node.municipality for node in nodes}
    needing = [key for key in keys if covered[key] < 2 and key in reachable]
    if not needing:
        return None
    costs = table(workspace.instance, nodes, workspace.lanes, workspace.cancelled)
    usable = _usable_houses(costs, nodes)
    alone = {key for key in needing if covered[key] == 0 and usable[key] < 2}
    once = frozenset({key for key in needing if covered[key] == 1} | alone)
    lonely = frozenset(alone | {key for key in keys if covered[key] == 1 and not usable.get(key)})
    needing = [key for key in needing if usable[key]]
    solved = _solved(workspace, costs, nodes, needing, once)
    return None if solved is None else _told(workspace, found, solved, is_whole, lonely, nodes)


def _nodes(workspace: Workspace, keys: Sequence[int]) -> tuple[tuple[Node, ...], bool]:
    """Return a node a house that no existing slot uses; where there are too many, the cheapest of each municipality."""
    used = {house for one in workspace.question.municipalities for house in one.covered_by}
    houses = workspace.instance.houses
    rows = {
        key: [row for row, one in enumerate(houses) if one.municipality == key and one.key not in used] for key in keys
    }
    if sum(map(len, rows.values())) <= MOST_HOUSES:
        return tuple(Node(key, (row,)) for key in keys for row in rows[key]), True
    most = max(2, MOST_HOUSES // max(1, len(keys)))
    price = workspace.instance.rent * workspace.question.dates_needed + workspace.instance.opening
    choice = {key: sorted(rows[key], key=lambda row: (int(price[row]), row))[:most] for key in keys}
    return tuple(Node(key, (row,)) for key in keys for row in sorted(choice[key])), False


def _usable_houses(costs: Table, nodes: Sequence[Node]) -> dict[int, int]:
    """Return how many houses of each municipality can be driven to at all."""
    found: dict[int, int] = dict.fromkeys((node.municipality for node in nodes), 0)
    for number, node in enumerate(nodes):
        found[node.municipality] += bool((costs.costs[:, number] < NEVER).any()) if costs.costs.size else False
    return found


Choice = tuple[Master, Found, int]


def _solved(
    workspace: Workspace, costs: Table, nodes: Sequence[Node], needing: Sequence[int], once: frozenset[int]
) -> Choice | None:
    """Return the cheapest tours for as many of the municipalities as can be backed up."""
    caps: tuple[Cap, ...] = ()
    master = Master(costs, survive(nodes, needing, once), limits(costs))
    count = len(needing)
    while count:
        found = cheapest(master, count, workspace.question.effort)
        full = overfull(workspace, costs, master, found.tours or ())
        if found.is_possible and not full:
            return master, found, len(needing) - count
        if full:
            caps = tuple(dict.fromkeys((*caps, *full)))
            master = Master(costs, survive(nodes, needing, once), limits(costs, caps), caps)
        count -= not full
    return None


def _told(
    workspace: Workspace,
    found: Solved,
    solved: Choice,
    is_whole: bool,
    lonely: frozenset[int],
    nodes: Sequence[Node],
) -> Backup | None:
    master, best, missed = solved
    if best.tours is None:
        return None
    drafts = drafts_of(master, best.tours, Unpacker(workspace.instance, nodes))
    if clashes(workspace.instance, drafts):
        raise SolverError("Der Ersatzplan ließ sich nicht ohne Konflikte zusammenstellen. Es wurde nichts geändert.")
    plan = priced(workspace.instance, drafts)
    measured = workspace.instance.measured(plan.total)
    if abs(measured - sum(tour.cost for tour in best.tours)) > ENOUGH * (len(best.tours) + 1):
        raise SolverError("Der Ersatzplan kostet anders als berechnet. Es wurde nichts geändert.")
    proof = best.proof if is_whole else _loose(found, measured)
    price = measured - found.measured
    sentence = _sentence(workspace, price, proof, lonely, missed)
    fits = measured <= workspace.instance.money
    return Backup(plan.slots, plan.cost, price, proof, tuple(sorted(lonely)), sentence, fits)


def _loose(found: Solved, measured: int) -> Proof:
    """Return that the backup cannot be cheaper than the plan itself."""
    bound = found.points[found.gained].bound
    return Proof(ProofStatus.BOUNDED, float(measured), float(bound), (measured - bound) / max(1, measured))


def _sentence(workspace: Workspace, price: int, proof: Proof, lonely: frozenset[int], missed: int) -> str:
    text = f"Ein Plan, der jede einzelne Schließung übersteht, kostet {euros(price)} mehr"
    text += (
        "; weniger geht nicht, das ist bewiesen." if proof.is_proven else "; ob es günstiger geht, ist nicht bewiesen."
    )
    names = [one.name for one in workspace.question.municipalities if one.key in lonely]
    if names:
        text += f" Nicht abzusichern: {listed(names)}, dort gibt es nur eine nutzbare Einrichtung."
    if missed:
        text += f" Für {missed} weitere reicht die Zeit der Fachkräfte nicht."
    return text
