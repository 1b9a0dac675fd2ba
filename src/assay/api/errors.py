"""The only place that knows HTTP numbers: expected failures become problem+json (RFC 9457)."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assay.identity.model import NotSignedIn, TooManyAttempts, WrongCredentials
from assay.kernel import AssayError, Conflict, Invalid, NotAllowed, NotFound, Unavailable

STATUS: dict[type[AssayError], int] = {  # the first that fits, from the special to the general
    NotSignedIn: 401,
    WrongCredentials: 401,
    TooManyAttempts: 429,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Invalid",
    429: "Too many requests",
    503: "Unavailable",
}


def add_to(app: FastAPI) -> None:
    """Have this app answer expected failures as problem+json."""

    @app.exception_handler(AssayError)
    async def expected(request: Request, error: AssayError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        status = next(number for kind, number in STATUS.items() if isinstance(error, kind))
        return problem(status, **error.as_json())

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        problems = [
            {"where": ".".join(str(part) for part in fault["loc"]), "reason": fault["msg"]} for fault in error.errors()
        ]
        return problem(422, code="Invalid", detail="the request does not have the form it should", problems=problems)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        title = TITLES.get(error.status_code, "Error")
        code = title.title().replace(" ", "")
        return problem(error.status_code, code=code, detail=str(error.detail), problems=[])


def problem(status: int, *, code: str, detail: str, problems: list[dict[str, str]]) -> JSONResponse:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "problems": problems,
    }
    headers = {"Retry-After": "1"} if status in (429, 503) else None
    return JSONResponse(content, status, media_type="application/problem+json", headers=headers)
