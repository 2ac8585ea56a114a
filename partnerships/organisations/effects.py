"""What this room tells the pages of others: whose notes and which history a person reads."""

from casework.registry import register_sides
from partnerships.organisations.standing import standing_of

register_sides(lambda user: (standing_of(user).side, standing_of(user).sides))
