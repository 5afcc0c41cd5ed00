"""The fields that many messages have: each means one thing wherever it stands."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from events.vocabulary import AppGlob, AppRef, KeyPattern, Permission, PlatformName, RegionName

MigrationId = Annotated[UUID, Field(description="The migration; who creates it has chosen its id.")]
Source = Annotated[AppRef, Field(description="The app that moves.")]
Destination = Annotated[AppRef, Field(description="Where it moves to, and its name there.")]
App = Annotated[AppRef, Field(description="The app, by its name in one region.")]
Run = Annotated[int, Field(description="Counts the steps of this migration that were run.")]
Epoch = Annotated[int, Field(description="Begins with 1; an abort raises it, and regions refuse lower ones.")]
RemainingSeconds = Annotated[int, Field(description="Until the old region forwards nobody any more.")]

TaskId = Annotated[UUID, Field(description="The task, in this run of the step.")]
TaskName = Annotated[str, Field(description="What is to be done, for programs: `create-app`.")]
Label = Annotated[str, Field(description="What is to be done, for people: `Create the new app`.")]
Item = Annotated[str, Field(description="The id of the addon it is about; none for the app as a whole.")]
Result = Annotated[
    dict[str, Any],
    Field(description="What was found or made, in the task's own words: names, ids, counts, digests."),
]
Skipped = Annotated[bool, Field(description="There was nothing to do.")]

Code = Annotated[str, Field(description="Why, as a word for programs.")]
Sentence = Annotated[str, Field(description="Why, as a sentence for people.")]
CommandType = Annotated[str, Field(description="The name of the command that was refused.")]

Platform = Annotated[PlatformName, Field(description="The platform: the name of its broker user.")]
May = Annotated[tuple[Permission, ...], Field(description="What it may do with migrations.")]
Apps = Annotated[
    tuple[AppGlob, ...], Field(description="Of which apps: both names of an app must match one of these.")
]
Regions = Annotated[tuple[RegionName, ...], Field(description="Both regions must be among these.")]
Subscriptions = Annotated[
    tuple[KeyPattern, ...], Field(description="The routing keys of the events that go to its queue.")
]
