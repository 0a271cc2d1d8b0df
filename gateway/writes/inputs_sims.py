"""Changes of SIMs, as a caller gives them, as records of `gateway.changes`."""

import strawberry
from msgspec import UNSET

from gateway.changes import DeleteSim, RegisterSim, UpdateSim, operation_of
from gateway.writes.checks import check_digit_flaw, iccid_flaw, registration_code_flaw
from gateway.writes.inputs_sheet import Sheet, method, said
from schema.inputs import RegisterSimInput, SimDeletion, UpdateSimInput, UpdateSimsInput

__all__ = ["delete_sim", "register_sim", "update_sim", "update_sims"]


def register_sim(wanted: RegisterSimInput, sheet: Sheet) -> RegisterSim:
    sheet.at(wanted.account, "account")
    sheet.note(iccid_flaw(wanted.iccid), "iccid")
    sheet.note(registration_code_flaw(wanted.registration_code), "registrationCode")
    write = RegisterSim(iccid=wanted.iccid, registration_code=wanted.registration_code)
    sheet.warn(check_digit_flaw(wanted.iccid), operation_of(write), "iccid")
    return write


def update_sim(wanted: UpdateSimInput, sheet: Sheet) -> UpdateSim:
    sim_id = sheet.native(wanted.id, "Sim", place=["id"])
    _check_status(wanted, sheet)
    write = UpdateSim(
        sim_id=sim_id,
        name=sheet.name(wanted.name),
        status=said(wanted.status),
        native_status=said(wanted.native_status),
        fleet_id=sheet.native_or_null(wanted.fleet_id, "Fleet", "fleetId"),
        rate_plan_id=sheet.native_or_null(wanted.rate_plan_id, "RatePlan", "ratePlanId"),
        callback_url=sheet.url(wanted.callback_url, "callbackUrl"),
        callback_method=method(wanted.callback_method),
        extra=sheet.own_names(wanted.extra, "extra"),
    )
    sheet.check_changes(write)
    return write


def _check_status(wanted: UpdateSimInput, sheet: Sheet) -> None:
    sheet.kept(wanted.status, "status")
    native = sheet.kept(wanted.native_status, "nativeStatus")
    sheet.note("must not be empty" if native == "" else None, "nativeStatus")
    if said(wanted.status) is not UNSET and native is not UNSET:
        sheet.note("give this or status, not both", "nativeStatus")


def update_sims(wanted: UpdateSimsInput, sim_id: str) -> UpdateSimInput:
    """What a bulk change is for one SIM. Its fields have the names they have there, so that mistakes name the same."""
    return UpdateSimInput(
        id=strawberry.ID(sim_id),
        status=wanted.status,
        native_status=wanted.native_status,
        fleet_id=wanted.fleet_id,
        rate_plan_id=wanted.rate_plan_id,
        extra=wanted.extra,
    )


def delete_sim(wanted: SimDeletion, sheet: Sheet) -> DeleteSim:
    return DeleteSim(sim_id=sheet.native(wanted.id, "Sim", place=["id"]))
