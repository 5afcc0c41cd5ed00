"""Where an app is after its migration, and what its owner still has to do: DNS records, missing addons."""

from datetime import datetime

from pydantic import BaseModel

from services.cli.wire import DnsRecord
from services.common.formats import moment


class Arrival(BaseModel):
    """The new address, and the DNS records of the custom domains as they were looked up."""

    url: str
    records: list[DnsRecord]
    redirected_until: str | None  # RFC 3339

    def text(self) -> str:
        """Return the address, and the DNS records that the app's owner must change."""
        lines = ["", f"Your application is now available at: {self.url}"]
        changes = [_change(record) for record in self.records if record.status != "ok"]
        if changes:
            lines += ["", "-----> You need to make the following changes to your DNS records:", ""]
            lines += [f"       - {change}" for change in changes]
        if self.redirected_until:
            until = moment(datetime.fromisoformat(self.redirected_until))
            lines += ["", f"Until {until} the old region sends the app's visitors on. Then it stops."]
        return "\n".join(lines)


def _change(record: DnsRecord) -> str:
    """Return what is to be done about a record that is not right, or not known to be."""
    name = f"{record.type} record of {record.domain}"
    wanted = ", ".join(record.wanted)
    if not wanted:
        return f"{name} should be removed: it is {', '.join(record.held)}"
    held = ", ".join(record.held)
    if record.type == "CNAME":
        return f"{name} should be changed to {wanted}" + (f" (it is {held})" if held else "")
    return f"{name} should be changed{f' from {held}' if held else ''} to {wanted}"
