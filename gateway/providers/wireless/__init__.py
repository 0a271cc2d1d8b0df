"""Programmable Wireless, at Twilio and at KORE: one API, two doors."""

from gateway.platform import Platform
from gateway.protocols.twilio_doors import KoreSettings, TwilioSettings, at_kore, at_twilio
from gateway.providers.wireless.provider import Wireless

__all__ = ["PLATFORMS"]

PLATFORMS = (
    Platform(
        name="twilio-wireless",
        provider=Wireless,
        settings=TwilioSettings,
        connect=at_twilio(Wireless),
        base_url="https://wireless.twilio.com",
        simulator="gateway.providers.wireless.simulator:twilio_simulator",
    ),
    Platform(
        name="kore-wireless",
        provider=Wireless,
        settings=KoreSettings,
        connect=at_kore(Wireless),
        base_url="https://programmable-wireless.api.korewireless.com",
        simulator="gateway.providers.wireless.simulator:kore_simulator",
    ),
)
