"""What is odd about Cisco IoT Control Center."""
