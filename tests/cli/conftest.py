from tests.gateway.stack import stack

__all__ = ["stack"]
