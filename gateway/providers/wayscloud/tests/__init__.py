"""What is odd about WAYSCloud Global SIM."""
