"""Messages to devices, as a caller gives them, as records of `gateway.changes`."""

from typing import cast

import strawberry

from gateway.changes import DeleteSmsCommand, SendIpCommand, SendSmsCommand
from gateway.writes.checks import ip_flaw, port_flaw, sms_flaw
from gateway.writes.inputs_sheet import Sheet, method, said
from gateway.writing import Writing
from schema.command import PayloadEncoding
from schema.command_inputs import CommandDeletion, IpBody, SendCommandInput, SendCommandsInput, SmsBody
from schema.errors import Unsupported
from schema.ids import decode_id

__all__ = ["delete_command", "send_command", "send_commands"]


def send_command(wanted: SendCommandInput, sheet: Sheet) -> SendSmsCommand | SendIpCommand:
    sim_id = sheet.native(wanted.sim_id, "Sim", place=["simId"])
    if wanted.body.sms:
        return _sms(wanted, wanted.body.sms, sim_id, sheet)
    return _ip(wanted, cast("IpBody", wanted.body.ip), sim_id, sheet)  # the schema lets exactly one of them through


def _sms(wanted: SendCommandInput, body: SmsBody, sim_id: str, sheet: Sheet) -> SendSmsCommand:
    encoding = body.encoding or PayloadEncoding.TEXT
    limits = sheet.provider or Writing
    sheet.note(sms_flaw(body.text, encoding, limits.text_limit, limits.binary_limit), "body", "sms", "text")
    return SendSmsCommand(
        sim_id=sim_id,
        payload=body.text,
        encoding=encoding,
        delivery_receipt_requested=said(body.delivery_receipt_requested),
        callback_url=sheet.url(wanted.callback_url, "callbackUrl"),
        callback_method=method(wanted.callback_method),
        extra=sheet.own_names(body.extra, "body", "sms", "extra"),
    )


def _ip(wanted: SendCommandInput, body: IpBody, sim_id: str, sheet: Sheet) -> SendIpCommand:
    encoding = body.encoding or PayloadEncoding.TEXT
    sheet.note(ip_flaw(body.payload, encoding), "body", "ip", "payload")
    sheet.note(port_flaw(body.port), "body", "ip", "port")
    return SendIpCommand(
        sim_id=sim_id,
        payload=body.payload,
        port=body.port,
        encoding=encoding,
        callback_url=sheet.url(wanted.callback_url, "callbackUrl"),
        callback_method=method(wanted.callback_method),
    )


def send_commands(wanted: SendCommandsInput, sim_id: str) -> SendCommandInput:
    """What a bulk command is for one SIM. Its fields have the names they have there, so that mistakes name the same."""
    return SendCommandInput(
        sim_id=strawberry.ID(sim_id),
        body=wanted.body,
        callback_url=wanted.callback_url,
        callback_method=wanted.callback_method,
    )


def delete_command(wanted: CommandDeletion, sheet: Sheet) -> DeleteSmsCommand:
    native_id = sheet.native(wanted.id, "SmsCommand", "IpCommand", place=["id"])
    if not sheet.mistakes and decode_id(wanted.id).kind == "IpCommand":
        sheet.note("IP commands cannot be deleted at any provider", "id", kind=Unsupported)
    return DeleteSmsCommand(command_id=native_id)
