"""What a task's failure means to the person who reads it: what happened, and what to do about it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import Field

from events.vocabulary import Message


class Reason(Message):
    """One thing that made a task fail; a task that checks many things may have many reasons."""

    code: str = Field(description="What happened, as a word for programs.")
    params: dict[str, str | int] = Field(
        default_factory=dict, description="The particulars: safe to show and to keep for ever."
    )


class Failure(NamedTuple):
    """Two sentences or more, with the failure's params in braces."""

    happened: str
    remedy: str


RECREATE = "Then create a migration again."
RUN_AGAIN = "Run the step again, or abort the migration."
LATER = "Try again later."
START_OVER = "Abort the migration and start over."
TELL = "If it fails again, abort the migration and tell the platform's operator."

FAILURES: Mapping[str, Failure] = {
    # Preflight: nothing has been changed
    "app_unknown": Failure(
        "There is no app {app} in {region}.", f"Check the app's name and its region. {RECREATE}"
    ),
    "app_busy": Failure(
        "The app {app} is {status} in {region}.", f"Wait until it is running or stopped. {RECREATE}"
    ),
    "app_in_migration": Failure(
        "Another migration holds the app {app} in {region}.", "Finish or abort that one first."
    ),
    "destination_unreachable": Failure("The region {region} does not answer.", LATER),
    "name_taken": Failure(
        "The name {app} is taken in {region}.",
        "Abort this migration if it has not ended, and create one with another name for the new app.",
    ),
    "version_missing": Failure(
        "{region} does not offer {provider} {version}, which the addon {addon} has.",
        f"Upgrade the addon to a version that {{region}} offers. {RECREATE}",
    ),
    "provider_missing": Failure(
        "{region} does not offer {provider}, which the addon {addon} is of.",
        "Remove the addon, or create a migration to another region.",
    ),
    "plan_missing": Failure(
        "{region} does not offer the plan {plan} of {provider}, which the addon {addon} has.",
        f"Change the addon's plan to one that {{region}} offers. {RECREATE}",
    ),
    "data_too_large": Failure(
        "The addon {addon} holds {size} bytes; the plan {plan} of {provider} takes {disk} in {region}.",
        f"Change the addon's plan to a larger one. {RECREATE}",
    ),
    "no_memory": Failure(
        "{region} has {free} bytes of memory left for containers; {app} needs {needed}.",
        f"Scale the app down, or tell the platform's operator. {RECREATE}",
    ),
    "no_disk": Failure(
        "{region} has {free} bytes left on its disks; the data and the build of {app} need {needed}.",
        f"Tell the platform's operator. {RECREATE}",
    ),
    "preflight_failed": Failure(
        "Checks that failed: {failed}.", f"Correct what they say; nothing was changed. {RECREATE}"
    ),
    "certificate_mismatch": Failure(
        "The certificate of {domain} and its key do not belong together.",
        f"Upload the right pair. {RECREATE}",
    ),
    "certificate_unreadable": Failure(
        "The certificate of {domain}, or its key, cannot be read.", f"Upload it again. {RECREATE}"
    ),
    "certificate_foreign": Failure(
        "The certificate of {domain} is not one for that name.", f"Upload the right one. {RECREATE}"
    ),
    "certificate_expired": Failure(
        "The certificate of {domain} expired on {validity}.", f"Renew it. {RECREATE}"
    ),
    "certificate_expiring": Failure(
        "The certificate of {domain} expires on {validity}, and the old region would send its visitors on "
        "until {until}.",
        f"Renew it. {RECREATE}",
    ),
    # Later: the source is frozen, and can be freed by an abort
    "app_migrating": Failure(
        "A migration has frozen the app in {region}.", "Finish or abort that migration first."
    ),
    "not_of_migration": Failure(
        "The app in {region} is not the one of this migration: another one has its name.", START_OVER
    ),
    "app_migrated": Failure(
        "The app has moved away from {region} and is read-only there.", "Work with it in its new region."
    ),
    "stack_missing": Failure(
        "{region} does not offer the stack {stack}, on which the app was built.",
        "Abort the migration if it is open. Move the app to a stack that {region} offers, deploy it on that, "
        "and start over.",
    ),
    "size_missing": Failure(
        "{region} does not offer a container size that the app uses: {sizes}.",
        "Abort the migration if it is open. Scale the app to sizes that {region} offers, and start over.",
    ),
    "inventory_too_large": Failure(
        "The names of what {app} has make up {size} bytes; at most {most} can be migrated.",
        "Abort the migration, remove variables or domains that the app does not need, and start over.",
    ),
    "domain_taken": Failure(
        "The domain {domain} belongs to another app in {region}.",
        f"Remove it from that app. {RUN_AGAIN}",
    ),
    "build_missing": Failure("The build of {app} that was running is gone from {region}.", START_OVER),
    "digest_mismatch": Failure(
        "The build or backup that arrived for {app} is not the one that was made at the source.", RUN_AGAIN
    ),
    "app_unhealthy": Failure(
        "The app {app} did not become healthy in {region}: its web process did not answer in time, or a "
        "process of it ended.",
        f"Look at the app's logs there for the reason. {RUN_AGAIN}",
    ),
    "backup_failed": Failure("{region} could not back up the addon {addon}.", RUN_AGAIN),
    "restore_failed": Failure(
        "{region} could not restore the backup into the new database of {app}.",
        f"Check that the database needs nothing {{region}} lacks, such as an extension. {RUN_AGAIN}",
    ),
    "dump_unreadable": Failure(
        "{region} cannot read the backup: it was made by another version of the database.", START_OVER
    ),
    "source_unavailable": Failure("{region} could not fetch the file from the source region.", RUN_AGAIN),
    "data_differs": Failure(
        "After the restore the {kind} {table} differs: {source_rows} rows at the source, {destination_rows} "
        "at the destination.",
        "Make sure that nothing writes to either database. Run the step again: the data is copied anew.",
    ),
    "copy_differs": Failure(
        "After it was copied, {item} is not the same in {region} ({kind}).", f"{RUN_AGAIN} {TELL}"
    ),
    "item_refused": Failure(
        "{region} refused {item} ({kind}); it names {fields}.",
        "Abort the migration, correct or remove that at the source, and start over.",
    ),
    "addon_present": Failure(
        "The new app has an addon of {provider} in {region} already, which the migration has not made.",
        "Remove it there and run the step again; or leave the data step out, and finalize.",
    ),
    "no_capacity": Failure("{region} has no room for the containers of {app}.", f"{LATER} {RUN_AGAIN}"),
    "image_too_large": Failure(
        "The build of {app} is larger than {region} allows for it.",
        "Ask the platform's operator to raise the app's limit there, and run the step again.",
    ),
    "disk_full": Failure(
        "The disk of {region} is full: the data of {app} does not fit there.",
        f"Tell the platform's operator. {RUN_AGAIN}",
    ),
    "plan_too_small": Failure(
        "The data of {app} does not fit into the plan of its new addon in {region}.",
        "Abort the migration, change the addon's plan to a larger one, and start over.",
    ),
    "addon_unknown": Failure("The addon {addon} is not among those the app had.", START_OVER),
    "operation_failed": Failure("{region} could not finish {operation} for {app}.", f"{RUN_AGAIN} {TELL}"),
    "input_missing": Failure("The result of the task {task} is missing.", START_OVER),
    # A region that cannot be used, at any time
    "internal_error": Failure("The region {region} failed while it worked for {app}.", f"{RUN_AGAIN} {TELL}"),
    "region_unreachable": Failure("There is no connection to the region {region}.", LATER),
    "region_timeout": Failure("The region {region} did not answer in time.", LATER),
    "region_busy": Failure("The region {region} takes no more requests for now.", LATER),
    "region_failing": Failure("The region {region} has an internal failure.", f"{LATER} {TELL}"),
    "region_answer_invalid": Failure(
        "The region {region} gave an answer that storky does not understand.",
        "Tell the platform's operator to run `storky region check`.",
    ),
    "region_unknown": Failure(
        "Storky's workers know no region {region}.",
        "Tell the platform's operator to add it to STORKY_REGIONS.",
    ),
    "credential_refused": Failure(
        "The region {region} refused storky's credential.", "Tell the platform's operator to renew it."
    ),
    "not_found": Failure("There is no such {resource} in {region} any more.", RUN_AGAIN),
    "refused": Failure("The region {region} refused what was asked of it.", f"{RUN_AGAIN} {TELL}"),
    "overtaken": Failure("The abort came before the end of this task.", "There is nothing to do."),
    "internal": Failure("Storky itself failed.", f"{RUN_AGAIN} {TELL}"),
}

UNKNOWN = Failure("The task failed ({code}).", f"{RUN_AGAIN} {TELL}")


class _Params(dict[str, str | int]):
    def __missing__(self, name: str) -> str:
        return f"(unknown {name})"


def messages(reasons: Iterable[Reason]) -> str:
    """Return the text for a task's failure, a line for each reason."""
    return "\n".join(message(reason.code, reason.params) for reason in reasons)


def message(code: str, params: Mapping[str, str | int]) -> str:
    """Return the text for a failure; for a code of another release, one that still says what to do."""
    text = " ".join(FAILURES.get(code, UNKNOWN))
    return text.format_map(_Params({**params, "code": code}))
