"""What each field of each type takes: the one place where that is written down.

A field that is not here cannot be served: the schema is not built without it. A field that leads to a thing takes what
the thing takes as well, so that nothing can be learnt on a way around.
"""

__all__ = ["ANY", "TABLE"]

ANY = "any caller"
"""Nothing is needed, and somebody has thought about it."""

ENTITY = "id account nativeId asOf stale staleReason"
LIST = "edges nodes pageInfo totalCount problems"
EDGE = "node cursor"
PAYLOAD = "outcome plan problems"
COMMAND = f"{ENTITY} direction status nativeStatus payloadEncoding createdAt updatedAt"

TABLE: dict[str, dict[str, str]] = {
    # Where one begins. Node and nodes are looked at by the kind of each id, when they are asked for.
    "Query": {
        ANY: "node nodes accounts job jobs",
        "sims:read": "sim sims fleet fleets networks networkAccessProfiles esimProfiles settingsUpdates ratePlans",
        "usage:read": "usage",
        "events:read": "events",
        "commands:read": "commands",
    },
    "Mutation": {
        "sims:write": "registerSim updateSim updateSims deleteSim orderEsimProfile",
        "fleets:write": "createFleet updateFleet createNetworkAccessProfile updateNetworkAccessProfile "
        "addNetworkToProfile removeNetworkFromProfile createRatePlan updateRatePlan deleteRatePlan",
        "commands:send": "sendCommand sendCommands deleteCommand",
        "sims:write | commands:send": "cancelJob",
    },
    # Interfaces: the fields of the types behind them say more.
    "Node": {ANY: "id"},
    "Provenance": {ANY: "account nativeId asOf stale staleReason"},
    "Command": {
        "commands:read": COMMAND,
        "commands:read sims:read": "sim",
        "commands:read pii:read": "payload",
    },
    # SIMs and what they are in, on and made from.
    "Sim": {
        "sims:read": f"{ENTITY} iccid eid name status nativeStatus allowedTransitions deviceId deviceName fleet "
        "ratePlan createdAt activatedAt updatedAt currentNetwork billingPeriods esimProfile settingsUpdates",
        "sims:read pii:read": "imsi msisdn imei ipAddresses extra",
        "sims:read sessions:read": "currentSession sessions",
        "sims:read usage:read": "usage cycleUsage zoneUsage dataUsed",
        "sims:read commands:read": "commands",
        "sims:read events:read": "events",
    },
    "Fleet": {
        "sims:read": f"{ENTITY} name dataEnabled dataLimit dataMetering smsCommandsEnabled "
        "smsCommandsMethod ipCommandsMethod createdAt updatedAt networkAccessProfile sims",
        # An address that a provider calls may have a password in it.
        "sims:read pii:read": "smsCommandsUrl ipCommandsUrl",
    },
    "Network": {"sims:read": f"{ENTITY} name country identifiers"},
    "NetworkAccessProfile": {"sims:read": f"{ENTITY} name createdAt updatedAt networks network"},
    "RatePlan": {
        "sims:read": f"{ENTITY} name friendlyName dataEnabled dataLimit dataMetering dataLimitStrategy "
        "messagingEnabled voiceEnabled nationalRoamingEnabled nationalRoamingDataLimit internationalRoaming "
        "internationalRoamingDataLimit usageNotificationMethod createdAt updatedAt",
        "sims:read pii:read": "usageNotificationUrl",
    },
    "EsimProfile": {
        "sims:read": f"{ENTITY} iccid eid status nativeStatus smdpPlusAddress errorCode errorMessage createdAt "
        "updatedAt sim",
        "sims:read pii:read": "matchingId activationCode",  # whoever has these can take the profile
    },
    "SettingsUpdate": {
        "sims:read": f"{ENTITY} iccid status nativeStatus completedAt createdAt updatedAt sim",
        "sims:read pii:read": "packages",
    },
    "BillingPeriod": {"sims:read": f"{ENTITY} type nativeType startsAt endsAt createdAt updatedAt sim"},
    # What SIMs do.
    "DataSession": {
        "sessions:read": f"{ENTITY} startedAt endedAt updatedAt active duration radioAccess nativeRadioAccess network "
        "bytesUp bytesDown bytesTotal packetsUp packetsDown apn",
        "sessions:read sims:read": "sim",
        "sessions:read pii:read": "cellId cellLocation ipAddress ipv6Prefix imei",  # a cell is a place
    },
    "UsageRecord": {
        "usage:read": "accounts periodStart periodEnd country bytesUp bytesDown bytesTotal smsToSim smsFromSim "
        "smsTotal voiceSeconds sessionCount costs fees byRoaming asOf stale staleReason",
        "usage:read sims:read": "sim fleet network",
    },
    "RoamingUsage": {"usage:read": "roaming country bytesUp bytesDown bytesTotal smsToSim smsFromSim smsTotal"},
    "ZoneUsage": {
        "usage:read": "zone ratePlan ratePlanVersion cycleStart cycleEnd bytesTotal voiceSeconds smsTotal asOf stale "
        "staleReason",
    },
    "SimEvent": {
        "events:read": "account nativeId type nativeType occurredAt network previousNetwork asOf stale staleReason",
        "events:read sims:read": "sim",
        "events:read pii:read": "details",
    },
    "SmsCommand": {
        "commands:read": f"{COMMAND} transport deliveryReceiptRequested receivedAt",
        "commands:read sims:read": "sim",
        "commands:read pii:read": "payload sentTo sentFrom sender",
    },
    "IpCommand": {
        "commands:read": f"{COMMAND} iccid",
        "commands:read sims:read": "sim",
        "commands:read pii:read": "payload deviceIp devicePort",
    },
    # Lists: as what is in them.
    **{
        f"{name}{part}": {needs: fields}
        for part, fields in (("Connection", LIST), ("Edge", EDGE))
        for needs, names in {
            "sims:read": "Sim Fleet Network NetworkAccessProfile RatePlan EsimProfile SettingsUpdate",
            "sessions:read": "DataSession",
            "usage:read": "UsageRecord",
            "events:read": "SimEvent",
            "commands:read": "Command",
            ANY: "Job JobItem",
        }.items()
        for name in names.split()
    },
    "PageInfo": {ANY: "hasNextPage hasPreviousPage startCursor endCursor"},
    # Accounts: only those that exist for the caller, who cannot understand a problem without them.
    "Account": {ANY: "id name provider capabilities health healthReason lastSuccessAt quota"},
    "Capability": {ANY: "operation supported note"},
    "Quota": {ANY: "limit window remaining resetsAt isLowered"},
    # Jobs: only those that exist for the caller, and of their SIMs no more than he may read elsewhere.
    "Job": {ANY: "id kind status createdAt startedAt finishedAt total counts problems items"},
    "JobCounts": {ANY: "waiting applied pending refused unknown"},
    "JobItem": {
        ANY: "number outcome problems finishedAt",
        "sims:read": "simId sim",
        "commands:read": "command",
    },
    # What became of a change is for whoever may make it; the thing itself is for whoever may read it.
    "SimPayload": {ANY: PAYLOAD, "sims:read": "sim"},
    "CommandPayload": {ANY: PAYLOAD, "commands:read": "command"},
    "FleetPayload": {ANY: PAYLOAD, "sims:read": "fleet"},
    "NetworkAccessProfilePayload": {ANY: PAYLOAD, "sims:read": "networkAccessProfile"},
    "EsimProfilePayload": {ANY: PAYLOAD, "sims:read": "esimProfile"},
    "RatePlanPayload": {ANY: PAYLOAD, "sims:read": "ratePlan"},
    "DeletePayload": {ANY: f"{PAYLOAD} deletedId"},
    "JobPayload": {ANY: f"{PAYLOAD} job"},
    "PlannedCall": {ANY: "account operation count consequence"},
    "Problem": {ANY: "account operation code nativeCode message path retryable retryAfter stale"},
    # Values that say whose they are only where they stand: the field that leads to them takes what they take.
    "NetworkRef": {ANY: "mcc mnc name country"},
    "NetworkIdentifier": {ANY: "mcc mnc"},
    "Money": {ANY: "amount currency"},
    "GeoPoint": {ANY: "latitude longitude"},
    "IpAddress": {ANY: "address version asOf stale staleReason"},
}
"""Each type's fields by what they take: scopes with a space between them are all needed, `|` stands between choices."""
