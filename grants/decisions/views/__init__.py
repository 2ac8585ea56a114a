"""The pages of decisions, by what they are for."""
