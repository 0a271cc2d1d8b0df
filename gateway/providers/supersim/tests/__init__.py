"""What is odd about Super SIM at Twilio and at KORE."""
