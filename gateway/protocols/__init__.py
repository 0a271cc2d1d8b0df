"""What several provider folders speak: the ways of one family of APIs, in one place."""
