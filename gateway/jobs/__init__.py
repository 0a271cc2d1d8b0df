"""Jobs: one change or message for many SIMs, done in the background until each has its outcome."""
