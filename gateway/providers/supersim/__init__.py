"""Super SIM, at Twilio and at KORE: one API, two doors."""

from gateway.platform import Platform
from gateway.protocols.twilio_doors import KoreSettings, TwilioSettings, at_kore, at_twilio
from gateway.providers.supersim.provider import SuperSim

__all__ = ["PLATFORMS"]

PLATFORMS = (
    Platform(
        name="twilio-supersim",
        provider=SuperSim,
        settings=TwilioSettings,
        connect=at_twilio(SuperSim),
        base_url="https://supersim.twilio.com",
        simulator="gateway.providers.supersim.simulator:twilio_simulator",
    ),
    Platform(
        name="kore-supersim",
        provider=SuperSim,
        settings=KoreSettings,
        connect=at_kore(SuperSim),
        base_url="https://supersim.api.korewireless.com",
        simulator="gateway.providers.supersim.simulator:kore_simulator",
    ),
)
