"""Before any row is read: whether all that is needed is there, and rightly named."""

from graph.errors import InputError, did_you_mean
from graph.schema import TABLES
from loaders.files import Sources, misspelt
from loaders.mapping import Mapping
from loaders.reading import Reader
from loaders.report import Finding


def need(sources: Sources, plan: Mapping) -> None:
    """Raise InputError unless there are accounts, and helps or scans."""

    def there(name: str) -> bool:
        return any(
            source in sources.files for source, _ in plan.table(name).origins(name)
        )

    missing = []
    if not there("accounts"):
        missing.append("accounts")
    if not there("helps") and not there("scans"):
        missing.append("helps or scans")
    if not missing:
        return
    found = ", ".join(sorted(sources.files)) or "no table"
    wanted = [
        f"{name} is to come from {source}, which is not there"
        for name in ("accounts", "helps", "scans")
        for source, _ in plan.table(name).origins(name)
        if name in plan.tables and source not in sources.files
    ]
    hints = [f"{name}{hint}" for name, hint in misspelt(sources, plan.sources())]
    raise InputError(
        "; ".join(
            [
                f"{sources.folder}: there is no table {' and none of '.join(missing)}",
                f"found: {found}",
                *dict.fromkeys(wanted),
                *hints,
                "needed: accounts, and helps or scans, each as NAME.parquet, NAME.csv, "
                "NAME.csv.gz or a folder NAME of parts; other names need a mapping",
            ]
        )
    )


def open_sources(reader: Reader, plan: Mapping) -> list[Finding]:
    """Open every source that a table comes from; return what is odd about names.

    Raises InputError with everything that cannot be read or found, in one line.
    """
    findings = [
        Finding(name, "", 0, f"no table has this name{hint}", advice="it is ignored")
        for name, hint in misspelt(reader.sources, plan.sources())
    ]
    wrong = []
    for name in TABLES:
        for source, columns in plan.table(name).origins(name):
            if source not in reader.sources.files:
                if name in plan.tables:
                    hint = did_you_mean(source, reader.sources.files)
                    says = f"the mapping takes it from {source}, which is not there"
                    findings.append(Finding(name, "", 0, says + hint))
                continue
            have = reader.columns(source)
            asked = [
                column
                for origin in columns.values()
                for column in (origin.id_of or (origin.column,))
                if column is not None
            ]
            wrong += [
                f"the mapping of {name}: {source} has no column "
                f"{column!r}{did_you_mean(column, have)}"
                for column in sorted(set(asked) - have)
            ]
            if not columns:
                findings += _names(reader, name, source)
    problems = list(dict.fromkeys(reader.problems + wrong))
    if problems:
        raise InputError("; ".join(problems))
    return findings


def _names(reader: Reader, name: str, source: str) -> list[Finding]:
    """Say which columns look misspelt, or are missing in some of the part files."""
    parts = reader.parts(source)
    have = reader.columns(source)
    known = [column.name for column in TABLES[name].columns]
    missing = [column for column in known if column not in have]
    findings = []
    for column in sorted(have - set(known)):
        hint = did_you_mean(column, missing)
        if hint:
            says = f"no column has this name{hint}"
            findings.append(Finding(name, column, 0, says, advice="it is ignored"))
        elif len(have) == 1 and (";" in column or "\t" in column):
            says = "the columns are not separated by commas"
            findings.append(Finding(name, "", 0, says, example=f"header {column!r}"))
    for column in known:
        without = sum(column not in part.columns for part in parts)
        if column in have and without:
            says = f"is missing in {without} of {len(parts)} groups of part files"
            findings.append(Finding(name, column, 0, says, advice="it is empty there"))
    return findings
