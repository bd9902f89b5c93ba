"""What reading found: per table the rows, then each problem in one line."""

from dataclasses import dataclass

from graph.schema import TABLES


@dataclass(frozen=True)
class TableReport:
    """One table: its files and its rows; `read` is always `loaded + rejected`.

    `source_rows` is larger than `read` where a mapping made one row of several.
    """

    name: str
    files: tuple[str, ...]
    read: int
    loaded: int
    rejected: int
    source_rows: int
    missing: tuple[str, ...]

    @property
    def absent(self) -> bool:
        """Whether there is no file for this table."""
        return not self.files


@dataclass(frozen=True)
class Finding:
    """One kind of problem in one column: how often, an example, what to try."""

    table: str
    column: str
    count: int
    says: str
    example: str = ""
    advice: str = ""
    rejected: bool = False

    def __str__(self) -> str:
        """Return the finding in one line."""
        where = f"{self.table}.{self.column}" if self.column else self.table
        parts = [f"{where}: {self.says}"]
        if self.count:
            verb = " rejected" if self.rejected else ""
            parts.append(f"{self.count:,} row{'s' * (self.count != 1)}{verb}")
        if self.example:
            parts.append(self.example)
        if self.advice:
            parts.append(self.advice)
        return printable("; ".join(parts))


@dataclass(frozen=True)
class Outside:
    """Ids in a column that its table does not hold: rows, and different ids.

    `filled` is how many rows have an id there at all.
    """

    table: str
    column: str
    refers_to: str
    rows: int
    ids: int
    filled: int

    def __str__(self) -> str:
        """Return the count in one line."""
        kept = " (kept: known by their events alone)"
        none = "; that is all of them: are the ids of both tables written alike?"
        return (
            f"{self.table}.{self.column}: {self.rows:,} row{'s' * (self.rows != 1)} "
            f"with {self.ids:,} id{'s' * (self.ids != 1)} not in {self.refers_to}"
            f"{kept if self.refers_to == 'accounts' else ' (kept)'}"
            f"{none if self.rows == self.filled else ''}"
        )


@dataclass(frozen=True)
class LoadReport:
    """Everything that reading found, in the order of the contract's tables.

    `blocking` says why a run cannot go on with this data; it is empty when it can.
    """

    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]
    outside: tuple[Outside, ...]
    not_analysed: tuple[str, ...]
    blocking: tuple[str, ...]

    def table(self, name: str) -> TableReport:
        """Return the report of one table; KeyError when the contract has none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)


def render(report: LoadReport) -> list[str]:
    """Return the report as lines of plain text, for `scanring check` to print."""
    present = [table for table in report.tables if not table.absent]
    width = max((len(table.name) for table in present), default=5)
    lines = [f"{'table':<{width}}  {'read':>13}  {'loaded':>13}  {'rejected':>13}"]
    for table in present:
        made = table.source_rows - table.read
        lines.append(
            f"{table.name:<{width}}  {table.read:>13,}  {table.loaded:>13,}  "
            f"{table.rejected:>13,}"
            + (f"  (from {table.source_rows:,} rows)" if made else "")
        )
    absent = [table.name for table in report.tables if table.absent]
    if absent:
        lines.append("")
        lines.append("not there: " + ", ".join(absent))
    for title, entries in (
        ("This stops a run", report.blocking),
        ("Problems", [str(finding) for finding in report.findings]),
        ("Ids that point outside", [str(entry) for entry in report.outside]),
        ("Missing, and what is left out without it", report.not_analysed),
    ):
        if entries:
            lines += ["", f"{title}:", *(f"  {printable(entry)}" for entry in entries)]
    if not report.findings and not report.blocking:
        lines += ["", "No problems."]
    return lines


def printable(text: str) -> str:
    r"""Return a text on one line without characters that steer a terminal.

    >>> printable("two\nlines \x1b[31m")
    'two\\nlines \\x1b[31m'
    """
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode()
        for character in text
    )


LEFT_OUT: dict[str, str] = {
    "devices": "emulators and rooted devices",
    "logins": "devices shared by logging in, later control devices, helpers' devices; "
    "rented accounts",
    "codes": "whom a scanned code was issued for, on cards and in graphs; verification "
    "crews",
    "scans": "stalls, races for one code, and where helpers stood; verification crews; "
    "whether a login code was scanned far away; where payment codes are paid",
    "helps": "helpers, stalls and platforms",
    "ties": "strangers cannot be told from friends",
    "complaints": "complaints as evidence; verified ones in the policy's test",
    "sanctions": "sanctions as evidence and in the policy's test",
    "unseal_applications": "batches of unsealings",
    "posts": "posting rings; who advertises for lenders",
    "payments": "loan rings and laundering rings; who pays rented accounts and posters",
    "activity": "friend requests, and to how many people new accounts write",
    "declared": "declared agencies, schools, laboratories and firms are not spared, "
    "nor are licensed lenders",
    "accounts.phone_prefix": "phone segments shared by new accounts",
    "accounts.registration_ip": "address blocks shared by new accounts; whether the "
    "helper was on the same network",
    "accounts.registration_wifi": "access points shared by new accounts; whether the "
    "helper was on the same network",
    "accounts.registration_device_id": "devices shared at registration, emulators, "
    "later control devices",
    "accounts.app_version": "rare app versions among new accounts",
    "accounts.os_version": "rare system versions among new accounts",
    "accounts.nickname": "nickname patterns",
    "accounts.profile_region": "how far helpers were from the region of the helped; "
    "whether members of further networks live apart",
    "accounts.real_name_verified": "real names as evidence of innocence",
    "accounts.pay_enabled": "use of payments as evidence of innocence",
    "devices.is_emulator": "emulators",
    "devices.is_rooted": "rooted devices",
    "codes.account_id": "whom a scanned code was issued for, on cards and in graphs; "
    "verification crews",
    "scans.confirmed_at": "the pace of a crew: scans confirmed in seconds",
    "scans.ip": "whether the helper was on the same network; stalls by address",
    "scans.wifi": "whether the helper was on the same network; stalls by access point",
    "scans.device_id": "devices from which several helpers help",
    "scans.latitude": "stalls by position",
    "scans.longitude": "stalls by position",
    "helps.helped_at": "the time of helps that have no scan",
    "helps.channel": "helps by phone number as evidence on helpers",
    "helps.scan_id": "stalls, races and distances: a help cannot be joined to its scan",
    "helps.result": "refused attempts, lost races",
    "ties.since": "for unsealings, ties made after the help count as ties before it",
    "complaints.complainant_id": "who was cheated from rented accounts; lenders joined "
    "by those who complained",
    "logins.ip": "rented accounts on devices of one address",
    "logins.code_id": "hand-overs of accounts by a login code",
    "posts.content_hash": "posting rings; adverts for lenders by their text",
    "posts.topic": "what people are hired to post about; adverts for lenders",
    "posts.diversion_target": "where posts lead to, new with each campaign or not",
    "payments.code_id": "payment codes that are lent out",
    "unseal_applications.device_id": "unsealings on one device",
    "unseal_applications.ip": "unsealings from one address in a day",
    "unseal_applications.phone_prefix": "unsealings of one phone segment beyond the "
    "monthly limit",
    "unseal_applications.claimed_region": "false regions in applications",
    "unseal_applications.answers_hash": "equal answers in applications",
    "unseal_applications.steps_seconds": "forms filled in at the pace of a machine",
    "declared.licence": "licensed lenders are not spared",
    "complaints.verified": "verified complaints; the policy's test counts sanctions",
}
"""What cannot be analysed without a table, or a column of a table that is there.

What scores nothing in this version is not named: nothing is left out without it.
"""


def left_out(
    missing: dict[str, tuple[str, ...]], absent: set[str], empty: set[str]
) -> tuple[str, ...]:
    """Return a line for each missing table or column that something depends on.

    An `empty` table is there, and no row of it was loaded.
    """
    lines = []
    for name in TABLES:
        if name in absent | empty:
            why = "no row was loaded: " if name in empty else ""
            if name in LEFT_OUT:
                lines.append(f"{name}: {why}{LEFT_OUT[name]}")
            continue
        for column in missing.get(name, ()):
            what = LEFT_OUT.get(f"{name}.{column}")
            if what:
                lines.append(f"{name}.{column}: {what}")
    return tuple(lines)
