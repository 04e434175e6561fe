"""What two parts of a plan both ask is asked once."""

from collections.abc import Sequence

from sqlglot import exp

from core.models.plans import Operation


def once(operations: Sequence[Operation], combined: exp.Query) -> list[Operation]:
    """Return *operations*, each in its order, without those that ask what an earlier one asks; rename in *combined*."""
    kept: list[Operation] = []
    names: dict[str, str] = {}
    for operation in operations:
        renamed = _renamed(operation, names)
        twin = next((one for one in kept if (one.source, one.params) == (renamed.source, renamed.params)), None)
        if twin is None or _together(twin.id, operation.id, combined):
            kept.append(renamed)
        else:
            names[operation.id] = twin.id
    for node in combined.find_all(exp.Table, exp.Column):
        part = "this" if isinstance(node, exp.Table) else "table"
        if (found := node.args.get(part)) is not None and found.name in names:
            node.set(part, exp.to_identifier(names[found.name], quoted=found.quoted))
    return kept


def _renamed(operation: Operation, names: dict[str, str]) -> Operation:
    params = dict(operation.params)
    if values := params.get("values"):
        places = {name: place.partition(".") for name, place in values.items()}
        params["values"] = {name: f"{names.get(id_, id_)}.{column}" for name, (id_, _, column) in places.items()}
    waits = list(dict.fromkeys(names.get(id_, id_) for id_ in operation.depends_on))
    return operation.model_copy(update={"params": params, "depends_on": waits})


def _together(one: str, other: str, combined: exp.Query) -> bool:
    """Say whether one SELECT reads both, which then have to have names of their own."""
    for select in combined.find_all(exp.Select):
        read = [select.args.get("from_"), *(select.args.get("joins") or [])]
        if {one, other} <= {table.this.name for table in read if table is not None}:
            return True
    return False
