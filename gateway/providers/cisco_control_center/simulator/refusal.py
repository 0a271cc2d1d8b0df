"""Cisco's errors: `{"errorMessage", "errorCode"}`, the code a string, and the HTTP status each one wears."""

from __future__ import annotations

from starlette.responses import JSONResponse

__all__ = ["REFUSALS", "Refusal"]

REFUSALS: dict[str, tuple[int, str]] = {
    "10000001": (401, "Invalid credentials."),
    "10000003": (400, "ModifiedSince is required and must have the format yyyy-MM-ddTHH:mm:ssZ."),
    "10000005": (400, "Invalid status."),
    "10000006": (400, "Invalid pageSize."),
    "10000007": (400, "Invalid pageNumber."),
    "10000011": (400, "A required field is missing."),
    "10000012": (400, "Invalid date format."),
    "10000013": (400, "Invalid ratePlan."),
    "10000014": (400, "Invalid communicationPlan."),
    "10000016": (400, "Invalid overageLimitOverride."),
    "10000017": (400, "Invalid messageEncoding."),
    "10000018": (400, "Invalid dataCoding."),
    "10000019": (400, "Invalid tpvp."),
    "10000020": (400, "Message text is too long."),
    "10000023": (400, "The request body is no JSON object."),
    "10000024": (400, "Invalid apiVersion."),
    "10000029": (400, "A device cannot go back to a pre-activation status."),
    "10000031": (400, "Invalid Zone."),
    "10000045": (400, "ModifiedSince cannot be more than one year ago."),
    "10002119": (400, "The date cannot be in the future."),
    "10030000": (400, "The device is already activated."),
    "1000512": (202, "Only a purged device can return to inventory."),
    "20000001": (404, "Resource not found - Invalid ICCID."),
    "20000002": (404, "Resource not found - Invalid smsMsgId."),
    "30000001": (500, "Unknown server error."),
    "40000029": (400, "Rate limit exceeded."),
    # Ours: no source gives a code for such cases (unverified).
    "10000902": (400, "Invalid value."),
}
"""Code → HTTP status, message. Sources: Cisco, Get Session Details (10000001, 10000024, 10000031, 20000001,
30000001), Cisco DevNet pages and community integrations for the rest; the wording of those is ours. 10000005..7,
10000011..14, 10000016, 10000023 and 20000002 are in one community client only; their HTTP status is unverified."""


class Refusal(Exception):
    """A request Cisco would refuse, with the answer it would give."""

    def __init__(self, code: str, *, message: str | None = None, status: int | None = None) -> None:
        self.code = code
        self.status = REFUSALS[code][0] if status is None else status
        self.message = REFUSALS[code][1] if message is None else message
        super().__init__(f"{code}: {self.message}")

    def response(self) -> JSONResponse:
        """The answer as Cisco words it; 10000001 also says which scheme it wants."""
        headers = {"WWW-Authenticate": 'Basic realm="Control Center"'} if self.status == 401 else None
        body = {"errorMessage": self.message, "errorCode": self.code}
        return JSONResponse(body, status_code=self.status, headers=headers)
