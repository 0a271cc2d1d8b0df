"""What is odd about Programmable Wireless at Twilio and at KORE."""
