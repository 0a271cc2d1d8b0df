"""A pretend Super SIM: one API, served as Twilio serves it and as KORE serves it."""

from gateway.providers.supersim.simulator.app import kore_simulator, twilio_simulator

__all__ = ["kore_simulator", "twilio_simulator"]
