"""The demonstration: the seed facts of fixtures/ played through the services in time order, relative to today."""
