"""What must outlive the process: writes and their outcomes, jobs and their items."""
