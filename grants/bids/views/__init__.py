"""The pages of bids, by what they are for."""
