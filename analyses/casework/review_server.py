"""The review page: a server for this machine only. This file protects that.

- It listens on the loopback address. The first part of every path is a random token;
  without it there is nothing here, whoever asks.
- The Host header must be ours, so that no other name leads here (DNS rebinding). A form
  must carry its own secret and come from our pages, so that no other site sends one.
- Pages load nothing but our style sheet: no scripts, no frames, nothing from elsewhere.
  The case file may run its own script, by its hash, and can send no form.
- A decision is answered only when it is on the disk. What could not be kept is said,
  with what the person wrote, so that it can be sent again.
"""

import base64
import hashlib
import hmac
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

import uvicorn
from pylopdf_fonts_zh_cn import sans_path
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analyses.casework.case_list import decide, take_back
from analyses.casework.decisions import (
    ALLOW,
    CASES,
    Decision,
    Subject,
    read_decisions,
)
from analyses.casework.review_pages import Filled, ReviewPages
from analyses.reporting.page.case_file import asset
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Run
from graph.errors import (
    ConflictError,
    InputError,
    NotFoundError,
    OutputError,
    ScanringError,
)

HOST = ".".join(("127", "0", "0", "1"))
MOST_BYTES = 65_536
"""The longest form that is read."""

POLICY = "content-security-policy"
HEADERS = {
    POLICY: "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

STATUS = {ConflictError: 409, NotFoundError: 404, InputError: 400, OutputError: 507}


class ReviewServer:
    """A review of one run: `address` leads to it, `serve` answers until stopped."""

    def __init__(
        self,
        run: Run,
        decisions: Path,
        *,
        person: str = "",
        port: int = 0,
        texts: Texts = ENGLISH,
    ) -> None:
        """Take a port, a free one when 0; OutputError when it is taken."""
        self.run, self.decisions, self.person = run, decisions, person
        self.texts = texts
        self.token, self.csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self.socket.bind((HOST, port))
            self.socket.listen(128)
        except OSError as error:
            self.socket.close()
            raise OutputError(
                f"port {port} cannot be had: {error.strerror}; leave --port out to "
                "take a free one"
            ) from error
        self.port = int(self.socket.getsockname()[1])
        base = f"/{self.token}"
        self.address = f"http://{HOST}:{self.port}{base}/"
        self.pages = ReviewPages(run, decisions, base=base, csrf=self.csrf, texts=texts)
        self.app = Guard(
            Starlette(
                routes=[
                    Route(f"{base}/", self._cases),
                    Route(f"{base}/case", self._case),
                    Route(f"{base}/allowed", self._allowed),
                    Route(f"{base}/report.html", self._case_file),
                    Route(f"{base}/list.csv", self._list),
                    Route(f"{base}/style.css", self._style),
                    Route(f"{base}/font.ttf", self._font),
                    Route(f"{base}/decide", self._decide, methods=["POST"]),
                    Route(f"{base}/allow", self._allow, methods=["POST"]),
                    Route(f"{base}/undo", self._undo, methods=["POST"]),
                ]
            ),
            hosts=(f"{HOST}:{self.port}", f"localhost:{self.port}"),
            token=self.token,
        )

    def serve(self) -> None:
        """Answer until the program is interrupted."""
        config = uvicorn.Config(
            self.app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
        )
        try:
            uvicorn.Server(config).run(sockets=[self.socket])
        finally:
            self.socket.close()

    async def _cases(self, request: Request) -> Response:
        asked = dict(request.query_params)
        return await self._shown(request, lambda f: self.pages.cases(asked, f))

    async def _case(self, request: Request) -> Response:
        asked = request.query_params
        subject = (asked.get("kind", "account"), asked.get("id", ""))
        return await self._shown(request, lambda f: self.pages.case(subject, f))

    async def _allowed(self, request: Request) -> Response:
        return await self._shown(request, self.pages.allowed)

    async def _case_file(self, request: Request) -> Response:
        page = await run_in_threadpool(self.pages.case_file)
        script = hashlib.sha256(asset("page.js").encode("utf-8")).digest()
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src "
            f"data:; script-src 'sha256-{base64.b64encode(script).decode()}'; "
            "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
        )
        return HTMLResponse(page, headers={POLICY: policy})

    async def _list(self, request: Request) -> Response:
        text = await run_in_threadpool(self.pages.list_csv)
        name = 'attachment; filename="risk-list-reviewed.csv"'
        return PlainTextResponse(
            text, media_type="text/csv", headers={"content-disposition": name}
        )

    async def _style(self, request: Request) -> Response:
        return PlainTextResponse(self.pages.style(), media_type="text/css")

    async def _font(self, request: Request) -> Response:
        return FileResponse(sans_path(), media_type="font/ttf")

    async def _decide(self, request: Request) -> Response:
        form = await self._form(request)
        subject = (form.get("kind", ""), form.get("id", ""))

        def keep() -> Decision:
            if subject[0] not in CASES:
                raise InputError("a decision is about a team or an account")
            with self.pages.turn:
                return decide(
                    self.run,
                    self.decisions,
                    subject,
                    form.get("decision", ""),
                    person=form.get("person", ""),
                    note=form.get("note", ""),
                    expecting=_whole(form.get("expecting", "")),
                )

        return await self._kept(form, subject, keep)

    async def _allow(self, request: Request) -> Response:
        form = await self._form(request)
        thing = (form.get("kind", ""), form.get("value", ""))

        def keep() -> Decision:
            with self.pages.turn:
                return decide(
                    self.run,
                    self.decisions,
                    thing,
                    ALLOW,
                    person=form.get("person", ""),
                    note=form.get("note", ""),
                )

        return await self._kept(form, None, keep)

    async def _undo(self, request: Request) -> Response:
        form = await self._form(request)
        number = _whole(form.get("number", ""))

        def keep() -> Decision:
            return take_back(
                self.decisions,
                number,
                person=form.get("person", ""),
                note=form.get("note", ""),
                expecting=_whole(form.get("expecting", "")),
            )

        return await self._kept(form, None, keep)

    async def _form(self, request: Request) -> dict[str, str]:
        """Read a form of ours; 403 for one that is not."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise HTTPException(403, "the form is too long")
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20
        )
        form = dict(pairs)
        if not hmac.compare_digest(form.get("csrf", "").encode(), self.csrf.encode()):
            raise HTTPException(
                403, "the form is not from this review: load the page again"
            )
        return form

    async def _kept(
        self,
        form: dict[str, str],
        subject: Subject | None,
        keep: Callable[[], Decision],
    ) -> Response:
        """Keep a decision and lead back to its case, or say why it was not kept."""
        try:
            kept = await run_in_threadpool(keep)
        except ScanringError as error:
            filled = Filled(
                form.get("person", ""),
                form.get("note", ""),
                form.get("decision", "") or form.get("kind", ""),
                form.get("value", ""),
                self.texts("Not kept: {said}", said=self.texts(str(error))),
                failed=True,
            )
            page = await run_in_threadpool(self._failed, subject, form, filled)
            return HTMLResponse(page, _status(error))
        kind, name = kept.subject
        back = (
            f"case?{urlencode({'kind': kind, 'id': name, 'kept': kept.number})}"
            if kind in CASES and kept.decision != ALLOW and not self._is_allow(kept)
            else f"allowed?kept={kept.number}"
        )
        response = RedirectResponse(f"/{self.token}/{back}", 303)
        response.set_cookie(
            "person",
            quote(kept.person),
            path=f"/{self.token}",
            httponly=True,
            samesite="strict",
        )
        return response

    def _failed(
        self, subject: Subject | None, form: dict[str, str], filled: Filled
    ) -> str:
        try:
            if subject is not None:
                return self.pages.case(subject, filled)
            if "value" in form:
                return self.pages.allowed(filled)
        except ScanringError:
            pass  # what went wrong first is what must be said
        return self.pages.trouble(self.texts("Not kept"), filled)

    def _is_allow(self, kept: Decision) -> bool:
        """Tell whether an undo took something off the allow list."""
        return any(
            d.number == kept.undoes and d.decision == ALLOW
            for d in read_decisions(self.decisions).decisions
        )

    async def _shown(self, request: Request, page: Callable[[Filled], str]) -> Response:
        kept = request.query_params.get("kept", "")
        message = self.texts("Kept as decision {n}.", n=_whole(kept)) if kept else ""
        filled = Filled(self._person(request), message=message)
        try:
            return HTMLResponse(await run_in_threadpool(page, filled))
        except ScanringError as error:
            told = self.texts(str(error))
            said = Filled(filled.person, message=told, failed=True)
            trouble = self.pages.trouble(self.texts("Not there"), said)
            return HTMLResponse(trouble, _status(error))

    def _person(self, request: Request) -> str:
        return unquote(request.cookies.get("person", "")) or self.person


class Guard:
    """Lets nothing through that is not for us, and closes every answer."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], token: str) -> None:
        """Guard an application that is reached at `hosts`, below `token`."""
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(raw=list(message["headers"]))
                for name, value in HEADERS.items():
                    own.setdefault(name, value)
                message["headers"] = own.raw
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, closed)
            return
        await self.app(scope, receive, closed)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self.hosts]:
            return PlainTextResponse("this address is not served here\n", 421)
        first = str(scope["path"]).split("/")[1:2]
        if not hmac.compare_digest(
            "".join(first).encode(errors="replace"), self.token.encode()
        ):
            return PlainTextResponse("there is nothing here\n", 404)
        if scope["method"] not in ("GET", "HEAD"):
            ours = [f"http://{host}" for host in self.hosts]
            if headers.get("origin") not in ours:
                return PlainTextResponse("forms come from our own pages only\n", 403)
        return None


def _status(error: ScanringError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
