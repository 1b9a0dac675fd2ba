"""Who is who: the caller, members, annotators, tokens, and the log of what everyone did."""

from collections.abc import Iterator, Sequence

from assay.client.http import Http, Id
from assay.client.records import Annotator, Event, Invitation, Me, Member, Token, decode


class Members:
    """The people of the organisation."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def me(self) -> Me:
        return self._http.record(Me, "/me")

    def list(self) -> Iterator[Member]:
        return self._http.items(Member, "/members")

    def invite(self, email: str, name: str, roles: Sequence[str]) -> Invitation:
        """Give a person roles. The reply holds the secret of their sign-in link, shown once."""
        return decode(Invitation, self._http.post("/members", {"email": email, "name": name, "roles": list(roles)}))

    def end(self, person: Id) -> None:
        """Take all roles from a person."""
        self._http.send("DELETE", f"/members/{person}")


class Annotators:
    """Those who answer, under their pseudonyms."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def invite(
        self,
        email: str,
        name: str,
        *,
        pseudonym: str | None = None,
        languages: Sequence[str] = (),
        qualifications: Sequence[str] = (),
    ) -> Invitation:
        """Register a person as an annotator. The reply holds the secret of their sign-in link, shown once."""
        body = {
            "email": email,
            "name": name,
            "pseudonym": pseudonym,
            "languages": list(languages),
            "qualifications": list(qualifications),
        }
        return decode(Invitation, self._http.post("/annotators", body))

    def list(self) -> Iterator[Annotator]:
        return self._http.items(Annotator, "/annotators")

    def me(self) -> Annotator:
        return self._http.record(Annotator, "/annotators/me")

    def qualify(self, annotator: Id, kind: str, *, days_valid: int | None = None) -> Annotator:
        """Grant a qualification, or renew it."""
        body = {"kind": kind} | ({} if days_valid is None else {"days_valid": days_valid})
        return decode(Annotator, self._http.post(f"/annotators/{annotator}/qualifications", body))

    def pause(self) -> None:
        """The caller's own pause."""
        self._http.post("/annotators/me/pause")

    def resume(self) -> None:
        self._http.post("/annotators/me/resume")


class Tokens:
    """The caller's API tokens."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def issue(self, label: str = "") -> Token:
        """A token with the caller's own rights; its secret is shown this once."""
        return decode(Token, self._http.post("/tokens", {"label": label}))

    def list(self) -> list[Token]:
        return [decode(Token, one) for one in self._http.get("/tokens")["items"]]

    def revoke(self, token: Id) -> None:
        """End it at once."""
        self._http.send("DELETE", f"/tokens/{token}")


class Events:
    """The log."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, *, subject: Id | None = None, kind: str | None = None) -> Iterator[Event]:
        """What happened, oldest first."""
        return self._http.items(Event, "/events", subject=subject, kind=kind)
