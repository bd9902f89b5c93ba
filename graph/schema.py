"""The event tables: the one description that loaders, store, checks and docs follow.

A table has columns; a column has a kind (how a value is written), may be required, may
be limited to a set of words, and may refer to another table. Names, kinds and units are
a contract with other people's programs: they change only by adding.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "id", "text", "time", "date", "bool", "integer", "degrees", "ip", "seconds_list"
]
"""How a value is written, and how it is kept in the store.

| kind | written as | kept as |
|---|---|---|
| id | opaque string of at most 256 bytes | VARCHAR, then an integer |
| text | any string | VARCHAR |
| time | UTC, `2026-03-01T08:00:00`, with or without `Z` | BIGINT, seconds since 1970 |
| date | `2026-03-01` | BIGINT, seconds at its midnight in UTC |
| bool | true/false, 1/0, any case | BOOLEAN |
| integer | a whole number (money: fen) | BIGINT |
| degrees | WGS 84 | BIGINT, millionths of a degree |
| ip | IPv4 or IPv6 | VARCHAR, normalised |
| seconds_list | list of seconds | VARCHAR, JSON list |
"""

STORED: dict[str, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "time": "BIGINT",
    "date": "BIGINT",
    "bool": "BOOLEAN",
    "integer": "BIGINT",
    "degrees": "BIGINT",
    "ip": "VARCHAR",
    "seconds_list": "VARCHAR",
}
"""The type in the store of each kind of column."""


@dataclass(frozen=True)
class Column:
    """One column of an event table.

    `refers_to` names the table whose key the value is; `values` are the words allowed;
    `says` is what the column means where its name does not say it.
    """

    name: str
    kind: Kind
    required: bool = False
    values: tuple[str, ...] = ()
    refers_to: str = ""
    says: str = ""


@dataclass(frozen=True)
class Table:
    """One event table: its columns, and those which together name a row."""

    name: str
    says: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """Return the column with this name; KeyError when there is none.

        >>> TABLES["helps"].column("kind").values
        ('registration', 'unsealing')
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there and not null."""
        return tuple(column.name for column in self.columns if column.required)


HELP_RESULTS = ("ok", "quota_refused", "expired", "lost_race", "cancelled")
PURPOSES = ("register_help", "unseal_help", "verify", "login", "follow", "pay")
TOPICS = (
    "part_time_job",
    "account_rental",
    "account_recycling",
    "illegal_loan",
    "unsealing_channel",
    "order_brushing",
    "weight_loss",
    "prostitution",
    "advertising",
    "other",
)
COMPLAINTS = (
    "fraud",
    "spam",
    "illegal_loan",
    "malicious_collection",
    "false_advertising",
    "pornography",
    "harassment",
    "account_trading",
    "other",
)
SANCTIONS = (
    "warn",
    "limit",
    "short_block",
    "long_block",
    "permanent_block",
    "unsealed",
)


def _account(name: str, *, required: bool = True, says: str = "") -> Column:
    return Column(name, "id", required, refers_to="accounts", says=says)


def _words(name: str, values: tuple[str, ...], *, required: bool = False) -> Column:
    return Column(name, "text", required, values=values)


_ALL = (
    Table(
        "accounts",
        "the accounts of the platform",
        (
            Column("account_id", "id", required=True),
            Column("registered_at", "time", required=True),
            Column("phone_prefix", "text", says="the number without its last 4 digits"),
            Column("registration_ip", "ip"),
            Column("registration_wifi", "id", says="access point"),
            Column("registration_device_id", "id", refers_to="devices"),
            Column("app_version", "text"),
            Column("os_version", "text"),
            Column("nickname", "text"),
            Column("profile_region", "text"),
            Column("real_name_verified", "bool"),
            Column("pay_enabled", "bool"),
        ),
        ("account_id",),
    ),
    Table(
        "devices",
        "the devices that accounts were used on",
        (
            Column("device_id", "id", required=True),
            Column("model", "text"),
            Column("os", "text"),
            Column("is_emulator", "bool"),
            Column("is_rooted", "bool"),
        ),
        ("device_id",),
    ),
    Table(
        "logins",
        "an account logged in on a device",
        (
            _account("account_id"),
            Column("device_id", "id", required=True, refers_to="devices"),
            Column("logged_in_at", "time", required=True),
            _words("method", ("password", "sms", "qr")),
            Column("ip", "ip"),
            Column("wifi", "id", says="access point"),
            Column("code_id", "id", refers_to="codes", says="the login code scanned"),
        ),
        ("account_id", "device_id", "logged_in_at"),
    ),
    Table(
        "codes",
        "a QR code that was issued",
        (
            Column("code_id", "id", required=True),
            _account("account_id", required=False, says="whom the code serves"),
            _words("purpose", PURPOSES),
            Column("issued_at", "time"),
        ),
        ("code_id",),
    ),
    Table(
        "scans",
        "an account scanned a code",
        (
            Column("scan_id", "id", required=True),
            _account("scanner_id"),
            Column("code_id", "id", required=True, refers_to="codes"),
            _words("purpose", PURPOSES, required=True),
            Column("scanned_at", "time", required=True),
            Column("code_issued_at", "time"),
            Column("confirmed_at", "time"),
            Column("ip", "ip"),
            Column("wifi", "id", says="access point"),
            Column("device_id", "id", refers_to="devices"),
            Column("latitude", "degrees"),
            Column("longitude", "degrees"),
            _words("result", HELP_RESULTS),
        ),
        ("scan_id",),
    ),
    Table(
        "helps",
        "an account vouched for another, or tried to; a refused attempt is a row too",
        (
            Column("help_id", "id", required=True),
            _account("helper_id"),
            _account("helped_id"),
            _words("kind", ("registration", "unsealing"), required=True),
            Column("helped_at", "time"),
            _words("channel", ("qr", "phone_number")),
            Column("scan_id", "id", refers_to="scans"),
            _words("result", HELP_RESULTS),
        ),
        ("help_id",),
    ),
    Table(
        "ties",
        "two accounts know each other",
        (
            _account("account_a"),
            _account("account_b"),
            _words("kind", ("friend", "family", "payment", "group")),
            Column("since", "time"),
        ),
        ("account_a", "account_b", "kind"),
    ),
    Table(
        "complaints",
        "somebody complained about an account",
        (
            Column("complaint_id", "id", required=True),
            _account("account_id"),
            _words("category", COMPLAINTS),
            Column("filed_at", "time"),
            Column("verified", "bool"),
            _account("complainant_id", required=False),
        ),
        ("complaint_id",),
    ),
    Table(
        "sanctions",
        "the platform acted on an account",
        (
            _account("account_id"),
            _words("action", SANCTIONS),
            Column("applied_at", "time", required=True),
            Column("until", "time"),
            Column("rule", "text"),
        ),
        ("account_id", "action", "applied_at"),
    ),
    Table(
        "unseal_applications",
        "a sealed account applied to be unsealed",
        (
            Column("application_id", "id", required=True),
            _account("account_id"),
            Column("applied_at", "time", required=True),
            _words("method", ("face", "friend", "non_friend")),
            Column("device_id", "id", refers_to="devices"),
            Column("ip", "ip"),
            Column("phone_prefix", "text"),
            Column("claimed_region", "text"),
            Column("answers_hash", "text"),
            Column("steps_seconds", "seconds_list"),
            Column("result", "text"),
        ),
        ("application_id",),
    ),
    Table(
        "posts",
        "an account posted something",
        (
            Column("post_id", "id", required=True),
            _account("account_id"),
            Column("posted_at", "time", required=True),
            _words("channel", ("moments", "group", "chat")),
            Column("group_id", "id"),
            Column("content_hash", "text", says="near-duplicate hash"),
            _words("topic", TOPICS),
            Column("diversion_target", "text"),
        ),
        ("post_id",),
    ),
    Table(
        "activity",
        "what an account did on one day",
        (
            _account("account_id"),
            Column("day", "date", required=True),
            Column("friend_requests_sent", "integer"),
            Column("friend_requests_accepted", "integer"),
            Column("messages_sent", "integer"),
            Column("recipients", "integer"),
            Column("groups_joined", "integer"),
        ),
        ("account_id", "day"),
    ),
    Table(
        "payments",
        "one account paid another",
        (
            Column("payment_id", "id", required=True),
            _account("payer_id"),
            _account("payee_id"),
            Column("paid_at", "time", required=True),
            Column("amount_fen", "integer", required=True),
            Column("code_id", "id", refers_to="codes"),
        ),
        ("payment_id",),
    ),
    Table(
        "balances",
        "what an account holds",
        (
            _account("account_id"),
            Column("balance_fen", "integer"),
            Column("wealth_fen", "integer"),
            Column("microloan_outstanding_fen", "integer"),
        ),
        ("account_id",),
    ),
    Table(
        "declared",
        "what an organisation has declared as its own",
        (
            Column(
                "kind",
                "text",
                required=True,
                values=("account", "device", "wifi", "ip", "phone_prefix"),
            ),
            Column("value", "id", required=True),
            Column("organisation", "text"),
            Column("licence", "text"),
            Column("since", "time"),
        ),
        ("kind", "value"),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
"""The event tables by name, in the order of the contract."""
