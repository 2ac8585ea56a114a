"""Every table of the monitoring floor, where Django looks for them."""

from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone, ReturnQuery

__all__ = ["Return", "ReturnLine", "ReturnMeasure", "ReturnMilestone", "ReturnQuery"]
