"""The sample shop's siblings: what other systems know of the same customers, products and orders.

Exchange rates as Parquet, feedback in Qdrant, clicks in MongoDB, a community of customers in Slack. All are drawn from
the shop as it was written, each from a seed of its own, so that they fit together and are the same every time.
"""

from core.sources.sample.siblings.clicks import Click, Search, clicks, searches
from core.sources.sample.siblings.community import Community, community
from core.sources.sample.siblings.feedback import Feedback, feedback
from core.sources.sample.siblings.rates import LEGAL_TENDER, Rate, rates

__all__ = ["LEGAL_TENDER", "Click", "Community", "Feedback", "Rate", "Search"]
__all__ += ["clicks", "community", "feedback", "rates", "searches"]
