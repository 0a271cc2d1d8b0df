"""What there is within an account of which a caller sees some fleets only: the door that lets nothing else through."""
