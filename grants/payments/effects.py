"""What follows from this room's transitions, and what the room tells the pages of others."""
