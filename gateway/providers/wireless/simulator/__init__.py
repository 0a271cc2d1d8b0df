"""A pretend Programmable Wireless: one API family, served as Twilio serves it and as KORE serves it."""

from gateway.providers.wireless.simulator.app import kore_simulator, twilio_simulator

__all__ = ["kore_simulator", "twilio_simulator"]
