"""The pages of a review: the cases of a run, one case, the allow list, the export.

Every text in them is made visible and escaped when it is put in.
"""

import csv
import io
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from analyses.casework.case_list import (
    CaseRow,
    case_of,
    case_rows,
    counts_text,
    state_words,
)
from analyses.casework.decisions import (
    ALLOWED,
    STATES,
    Ledger,
    Subject,
    read_decisions,
)
from analyses.pipeline import WORDS
from analyses.reporting.card_parts import steps
from analyses.reporting.cards import explain_account
from analyses.reporting.list_tables import ListRows
from analyses.reporting.page.case_file import (
    asset,
    report_html,
    team_html,
)
from analyses.reporting.page.drawing import link_styles
from analyses.reporting.page.fonts import font_face
from analyses.reporting.page.team_views import team_views
from analyses.reporting.risk_list import LIST_COLUMNS, headings
from analyses.reporting.safe_text import safe_cell, visible
from analyses.reporting.sheets import Cell
from analyses.reporting.stalls import window_days
from analyses.reporting.team_card import explain_team
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.waterfall import Step, probability
from analyses.reporting.wording import ACTION_WORDS, KINDS, ROLES, in_words
from analyses.run import Run
from graph.errors import NotFoundError

ROWS_PER_PAGE = 100
MEMBERS_SHOWN = 500
ORDERS = ("undecided first", "risk", "members")


@dataclass(frozen=True)
class Form:
    """What a form carries: its protection, and the last decision that it has seen."""

    csrf: str
    expecting: int


@dataclass(frozen=True)
class Filled:
    """What a person has written: the name, and what could not be kept yet."""

    person: str
    note: str = ""
    chosen: str = ""
    value: str = ""
    message: str = ""
    failed: bool = False


class ReviewPages:
    """Makes the pages of one run; one at a time, for the events are read by one."""

    def __init__(
        self,
        run: Run,
        decisions: Path,
        *,
        base: str,
        csrf: str,
        texts: Texts = ENGLISH,
    ) -> None:
        """Show `run` below the address `base`, with the decisions of a file."""
        self.texts = texts
        self._case_file: str | None = None
        self.run, self.decisions, self.base, self.csrf = run, decisions, base, csrf
        self.turn = threading.Lock()
        self.templates = jinja2.Environment(
            loader=jinja2.PackageLoader("analyses.casework", "pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_shown,
        )
        self.templates.globals.update(
            t=texts,
            language=texts.language,
            state_words=lambda state: state_words(state, texts),
            action_words=self._action,
        )
        self.templates.filters["merged"] = lambda asked, **more: {**asked, **more}

    def cases(self, asked: Mapping[str, str], filled: Filled) -> str:
        """Return the page of all cases, as they are asked for."""
        ledger = read_decisions(self.decisions)
        with self.turn:
            every = case_rows(self.run, ledger)
            kinds = dict(
                zip(self.run.teams["team_id"], self.run.teams["kind"], strict=True)
            )
        rows = _chosen(every, asked, kinds)
        pages = max(1, -(-len(rows) // ROWS_PER_PAGE))
        page = min(max(_number(asked.get("page", "")), 1), pages)
        return self._page(
            "cases.html",
            ledger,
            filled,
            title=self.texts("Cases of {run}", run=self.run.folder.resolve().name),
            rows=rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
            counts=counts_text(every, self.texts),
            shown=len(rows),
            page=page,
            pages=pages,
            states=("", *STATES),
            kinds=[
                ("", "all"),
                ("account", "accounts"),
                ("team", "teams"),
                *KINDS.items(),
            ],
            orders=ORDERS,
            asked={n: asked.get(n, "") for n in ("state", "kind", "order", "search")},
        )

    def case(self, subject: Subject, filled: Filled) -> str:
        """Return the page of one case; NotFoundError when the run has none such."""
        ledger = read_decisions(self.decisions)
        with self.turn:
            card, evidence, facts = self._card(subject)
            team_part = self._team_part(subject)
            members = self._members(subject, ledger)
            case = case_of(self.run, ledger, subject)
        so_far, total = [], 0.0
        for step in evidence:
            total += step.bits
            so_far.append((step, probability(total)))
        return self._page(
            "case.html",
            ledger,
            filled,
            subject,
            title=self.texts(
                "Team {id}" if subject[0] == "team" else "Account {id}", id=subject[1]
            ),
            state=case.state,
            with_team=case.team_id if case.with_team else "",
            says=facts["says"],
            team_id=facts["team_id"],
            states=STATES,
            team_part=team_part,
            steps=so_far,
            members=members[:MEMBERS_SHOWN],
            members_left=max(0, len(members) - MEMBERS_SHOWN),
            card=card.splitlines(),
            decisions=[
                *ledger.history(subject),
                *(ledger.history(("team", case.team_id)) if case.with_team else []),
            ],
        )

    def allowed(self, filled: Filled) -> str:
        """Return the page of the allow list."""
        ledger = read_decisions(self.decisions)
        about = [d for d in ledger.decisions if d.subject[0] in ALLOWED]
        mine = {d.number for d in about if d.decision == "allow"}
        return self._page(
            "allowed.html",
            ledger,
            filled,
            title=self.texts("Allow list"),
            kinds=ALLOWED,
            allowed=sorted(ledger.allowed().items()),
            decisions=[d for d in about if d.number in mine or d.undoes in mine],
        )

    def trouble(self, title: str, filled: Filled) -> str:
        """Return a page that says what is wrong."""
        ledger = Ledger(self.decisions)
        return self._page("frame.html", ledger, filled, title=title)

    def style(self) -> str:
        """Return the style sheet: that of the case file, and our own."""
        folder = files("analyses.casework").joinpath("pages")
        own = folder.joinpath("style.css").read_text(encoding="utf-8")
        return f"{font_face('font.ttf')}\n{asset('page.css')}\n{link_styles()}\n{own}"

    def case_file(self) -> str:
        """Return the case file of the run; made when it is first asked for."""
        with self.turn:
            if self._case_file is None:
                self._case_file = report_html(self.run, WORDS, self.texts)
            return self._case_file

    def _team_part(self, subject: Subject) -> Markup:
        """Return what the case file shows of a team; its links lead to our pages."""
        if subject[0] != "team":
            return Markup("")
        (view,) = team_views(self.run, WORDS, teams=[subject[1]])
        part = team_html(view, self.texts, span=window_days(self.run))
        ours = f'href="{self.base}/case?kind=team&amp;id='
        return Markup(part.replace('href="#team=', ours))

    def list_csv(self) -> str:
        """Return the risk list without what was dismissed, with what was decided."""
        ledger = read_decisions(self.decisions)
        names = list(LIST_COLUMNS)
        head = headings([*names, "state", "decided"], self.texts)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        writer.writerow(head)
        with self.turn:
            cases = {
                safe_cell(row.subject[1]): row
                for row in case_rows(self.run, ledger)
                if row.subject[0] == "account"
            }
            for row in self._listed(names):
                case = cases[str(row[0])]
                if case.state == "dismissed":
                    continue
                said = case.decision.in_short(self.texts) if case.decision else ""
                state = state_words(case.state, self.texts)
                writer.writerow([*row, state, safe_cell(said)])
        return "\ufeff" + out.getvalue()

    def _listed(self, names: list[str]) -> Iterator[tuple[Cell, ...]]:
        run = self.run
        with ListRows(
            run.store, run.folder, WORDS, chosen="listed", texts=self.texts
        ) as listed:
            yield from listed.rows.tuples(names)

    def _action(self, code: str) -> str:
        """Return a suggested action in words."""
        return self.texts(in_words(ACTION_WORDS, code))

    def _page(
        self,
        template: str,
        ledger: Ledger,
        filled: Filled,
        subject: Subject = ("", ""),
        **more: Any,
    ) -> str:
        last = max((d.number for d in ledger.decisions), default=0)
        return self.templates.get_template(template).render(
            {
                "base": self.base,
                "faults": ledger.faults,
                "subject": subject,
                "undone": ledger.undone(),
                "form": Form(self.csrf, last),
                **vars(filled),
                **more,
            }
        )

    def _card(self, subject: Subject) -> tuple[str, list[Step], dict[str, str]]:
        (kind, name), texts = subject, self.texts
        if kind == "team":
            team = self.run.team(name)
            evidence = self.run.evidence_of(teams=[name])
            facts = {
                "says": texts(
                    "{said}, risk {risk}, {n} members",
                    said=texts(in_words(KINDS, team.facts["kind"])),
                    risk=f"{team.facts['risk']:.3f}",
                    n=f"{team.facts['members']:,}",
                ),
                "team_id": "",
            }
            card = explain_team(self.run, name, WORDS, texts)
            return card, _ordered(evidence, texts), facts
        card = explain_account(self.run, name, WORDS, texts)
        try:
            account = self.run.account(name)
        except NotFoundError:
            said = texts("The run says nothing about it.")
            return card, [], {"says": said, "team_id": ""}
        own = account.evidence
        own = own[own["account_id"].notna()]
        facts = {
            "says": texts(
                "{said}, risk {risk}, suggested: {action}",
                said=texts(in_words(ROLES, account.facts.get("role")) or "no role"),
                risk=f"{account.facts['risk']:.3f}",
                action=self._action(account.facts.get("action", "none")),
            ),
            "team_id": str(account.facts.get("team_id", "")),
        }
        return card, _ordered(own, texts), facts

    def _members(self, subject: Subject, ledger: Ledger) -> list[dict[str, Any]]:
        if subject[0] != "team":
            return []
        members = self.run.team(subject[1]).members.sort_values(
            ["evidence_bits", "account_id"], ascending=[False, True]
        )
        action = self.run.accounts.set_index("account_id")["action"].to_dict()
        standing = ledger.standing()
        return [
            {
                "id": row["account_id"],
                "role": in_words(ROLES, row["role"]) or "no role",
                "bits": row["evidence_bits"],
                "action": action.get(row["account_id"]) or "none",
                "state": decision.decision
                if (
                    decision := standing.get(("account", str(row["account_id"])))
                    or standing.get(subject)
                )
                else "",
            }
            for row in members.to_dict("records")
        ]


def _ordered(evidence: Any, texts: Texts) -> list[Step]:
    """Return the steps in the order of a card: the prior, for it, against it."""
    return sorted(
        steps(evidence, WORDS, texts),
        key=lambda s: (s.code != "prior", s.bits < 0, -abs(s.bits), s.code),
    )


def _chosen(
    rows: list[CaseRow], asked: Mapping[str, str], kinds: Mapping[str, str]
) -> list[CaseRow]:
    state, kind = asked.get("state", ""), asked.get("kind", "")
    search, order = asked.get("search", ""), asked.get("order", "")
    rows = [
        row
        for row in rows
        if state in ("", row.state)
        and (
            kind in ("", row.subject[0])
            or (row.subject[0] == "team" and kinds.get(row.subject[1]) == kind)
        )
        and search in row.subject[1]
    ]
    if order == "members":
        return sorted(rows, key=lambda r: (-(r.members or 0), r.subject))
    if order == "risk":
        return sorted(rows, key=lambda r: (-r.risk, r.subject))
    return rows


def _shown(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else value


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
