"""The users whom a region's state names; who they are is the platform's business."""

from typing_extensions import TypedDict


class Person(TypedDict):
    """A user as apps, deployments and timelines name one."""

    id: str
    username: str
    email: str
