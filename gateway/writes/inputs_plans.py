"""Rate plans to be made or changed, as a caller gives them, as records of `gateway.changes`."""

from msgspec import UNSET

from gateway.changes import CreateRatePlan, DeleteRatePlan, UpdateRatePlan
from gateway.writes.inputs_sheet import Sheet, said
from schema.plan_inputs import CreateRatePlanInput, RatePlanDeletion, UpdateRatePlanInput

__all__ = ["create_rate_plan", "delete_rate_plan", "update_rate_plan"]


def create_rate_plan(wanted: CreateRatePlanInput, sheet: Sheet) -> CreateRatePlan:
    sheet.at(wanted.account, "account")
    roaming = said(wanted.international_roaming)
    return CreateRatePlan(
        name=sheet.new_name(wanted.name),
        friendly_name=sheet.new_name(wanted.friendly_name, "friendlyName"),
        data_enabled=said(wanted.data_enabled),
        data_limit=sheet.limit(wanted.data_limit, "dataLimit"),
        data_metering=said(wanted.data_metering),
        data_limit_strategy=said(wanted.data_limit_strategy),
        messaging_enabled=said(wanted.messaging_enabled),
        national_roaming_enabled=said(wanted.national_roaming_enabled),
        national_roaming_data_limit=sheet.limit(wanted.national_roaming_data_limit, "nationalRoamingDataLimit"),
        international_roaming=UNSET if roaming is UNSET else tuple(roaming),
        international_roaming_data_limit=sheet.limit(
            wanted.international_roaming_data_limit, "internationalRoamingDataLimit"
        ),
    )


def update_rate_plan(wanted: UpdateRatePlanInput, sheet: Sheet) -> UpdateRatePlan:
    write = UpdateRatePlan(
        rate_plan_id=sheet.native(wanted.id, "RatePlan", place=["id"]),
        name=sheet.name(wanted.name),
        friendly_name=sheet.name(wanted.friendly_name, "friendlyName"),
    )
    sheet.check_changes(write)
    return write


def delete_rate_plan(wanted: RatePlanDeletion, sheet: Sheet) -> DeleteRatePlan:
    return DeleteRatePlan(rate_plan_id=sheet.native(wanted.id, "RatePlan", place=["id"]))
