"""Every table of the monitoring floor, where Django looks for them."""
