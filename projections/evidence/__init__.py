"""What can be shown of one migration afterwards: what was done, by whom, when, and what proves the copies."""

from projections.evidence.fold import evidence
from projections.evidence.model import Evidence

__all__ = ["Evidence", "evidence"]
