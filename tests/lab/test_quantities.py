"""Each quantity: what it takes, how it is written, and what it says to what it does not take."""

from typing import Protocol

import pytest

from labkeeper.lab.address import Address, Cidr, DomainName, Endpoint, Opening, Port, Published, Url
from labkeeper.lab.backup import NoBackup, RemoteRepository
from labkeeper.lab.containers import Owner, Umask
from labkeeper.lab.count import Count, Cpus
from labkeeper.lab.cron import Cron, Schedule
from labkeeper.lab.duration import Duration
from labkeeper.lab.name import HostName, Label, SecretReference
from labkeeper.lab.notify import MailAddress
from labkeeper.lab.path import HostPath, ImageReference, Source, TierPath, Version
from labkeeper.lab.rate import Rate
from labkeeper.lab.share import Amount, Percentage
from labkeeper.lab.size import Size
from labkeeper.lab.window import Window
from labkeeper.lab.zone import TimeZone
from labkeeper.source import UnreadableError


class Quantity(Protocol):
    """A class that reads its own text."""

    @classmethod
    def parse(cls, text: str) -> object:
        """The value."""


@pytest.mark.parametrize(
    ("kind", "text", "written"),
    [
        (Size, "4GiB", "4GiB"),
        (Size, "1500MiB", "1500MiB"),
        (Size, "50MB", "50MB"),
        (Size, "1.5GiB", "1536MiB"),
        (Size, "1000 kB", "1MB"),
        (Size, "0", "0B"),
        (Size, "999999999999999999PiB", "999999999999999999PiB"),
        (Size, "0.001953KiB", "2B"),
        (Duration, "1h30m", "1h30m"),
        (Duration, "90s", "1m30s"),
        (Duration, "2w", "14d"),
        (Duration, "0", "0s"),
        (Count, "007", "7"),
        (Cpus, "0.50", "0.5"),
        (Cpus, "1234.567", "1234.567"),
        (Percentage, "15%", "15%"),
        (Percentage, "2.50 %", "2.5%"),
        (Percentage, "100%", "100%"),
        (Rate, "50MiB/s", "50MiB/s"),
        (Rate, "1.5 GB/s", "1500MB/s"),
        (Window, "01:00-07:00", "01:00-07:00"),
        (Window, "22:30 - 6:00", "22:30-06:00"),
        (Window, "Mon..Fri 00:00-24:00", "Mon,Tue,Wed,Thu,Fri 00:00-24:00"),
        (Window, "saturday,sun 1:00-2:00", "Sat,Sun 01:00-02:00"),
        (Window, "Sat-Mon 1:00-2:00", "Mon,Sat,Sun 01:00-02:00"),
        (Amount, "15%", "15%"),
        (Amount, "200GiB", "200GiB"),
        (Port, "8096", "8096"),
        (Opening, "53/udp", "53/udp"),
        (Opening, "22/tcp", "22"),
        (Published, "80", "80"),
        (Published, "8080:80", "8080:80"),
        (Published, "127.0.0.1:8080:80/udp", "127.0.0.1:8080:80/udp"),
        (Published, "[::1]:8080:80", "[::1]:8080:80"),
        (Published, "127.0.0.1::80", "127.0.0.1::80"),
        (Address, "100.64.0.2", "100.64.0.2"),
        (Address, "FD00::0001", "fd00::1"),
        (Address, "NAS.lan", "nas.lan"),
        (DomainName, "photos.example.org", "photos.example.org"),
        (Cidr, "192.168.1.0/24", "192.168.1.0/24"),
        (Cidr, "fd00::/64", "fd00::/64"),
        (Url, "https://ntfy.sh/x", "https://ntfy.sh/x"),
        (RemoteRepository, "b2:bucket:lab", "b2:bucket:lab"),
        (RemoteRepository, "s3:https://nas:9000/b", "s3:https://nas:9000/b"),
        (RemoteRepository, "rest:https://nas:8000/", "rest:https://nas:8000/"),
        (RemoteRepository, "me@nas:backup", "me@nas:backup"),
        (Endpoint, "[::1]:25", "[::1]:25"),
        (Endpoint, "smtp.example.org:587", "smtp.example.org:587"),
        (HostName, "p620", "p620"),
        (Label, "enp3s0.20", "enp3s0.20"),
        (SecretReference, "secret:wireguard-key", "secret:wireguard-key"),
        (HostPath, "/mnt//hot/", "/mnt/hot"),
        (TierPath, "hot:downloads/movies/", "hot:downloads/movies"),
        (TierPath, "cold:", "cold:"),
        (Source, "/srv", "/srv"),
        (Source, "hot:books", "hot:books"),
        (ImageReference, "ghcr.io/team/app:1.2", "ghcr.io/team/app:1.2"),
        (ImageReference, "registry:5000/app", "registry:5000/app"),
        (Version, "v5.4.2", "5.4.2"),
        (Owner, "1000", "1000:1000"),
        (Umask, "0022", "022"),
        (TimeZone, "Europe/Berlin", "Europe/Berlin"),
        (MailAddress, "me@example.org", "me@example.org"),
        (NoBackup, "none --  made anew", "none -- made anew"),
        (Cron, "*/15  3-5,7 1 JAN-mar mon", "*/15 3-5,7 1 JAN-mar mon"),
        (Cron, "@Daily", "@daily"),
        (Cron, "0 0 * * 5-7", "0 0 * * 5-7"),
        (Schedule, "0 3 * * sun", "0 3 * * sun"),
        (Schedule, "Sun *-*-* 03:00", "Sun *-*-* 03:00"),
        (Schedule, "@1700000000", "@1700000000"),
    ],
)
def test_reads_and_writes(kind: Quantity, text: str, written: str) -> None:
    """A text is written in one way, which reads as the same value."""
    value = kind.parse(text)

    assert written == str(value)
    assert value == kind.parse(written)


@pytest.mark.parametrize(
    ("kind", "text", "claim", "hint"),
    [
        (Size, "500", "size `500` has no unit", "`500GiB`, `500MiB`, ..."),
        (Size, "4gib", "size `4gib` has an unknown unit", "did you mean `4GiB`?"),
        (Size, "512m", "size `512m` could be either of two",
         "`512MiB` (1024-based) or `512MB` (1000-based)"),
        (Size, "4 apples", "size `4 apples` has an unknown unit",
         "units are KiB, MiB, GiB, TiB, PiB (1024-based) and kB, MB, GB, TB, PB (1000-based)"),
        (Size, "big", "expected a size like `4GiB`, found `big`", None),
        (Size, "-1GiB", "expected a size like `4GiB`, found `-1GiB`", None),
        (Duration, "7", "duration `7` has no unit", "`7d`, `7h`, `7m`"),
        (Duration, "1h 30m", "expected a duration like `7d`, found `1h 30m`",
         "`1h30m`"),
        (Duration, "7 days", "expected a duration like `7d`, found `7 days`", "`7d`"),
        (Duration, "1 hour, 30 mins", "expected a duration like `7d`, found `1 hour, 30 mins`",
         "`1h30m`"),
        (Duration, "soon", "expected a duration like `7d`, found `soon`", None),
        (Label, "My Lab", "expected a name of letters, digits, `.`, `_` and `-`, found `My Lab`",
         "`My-Lab`"),
        (Duration, "٧d", "expected a duration like `7d`, found `٧d`", None),
        (Count, "-1", "expected a whole number, found `-1`", None),
        (Count, "2.5", "expected a whole number, found `2.5`", None),
        (Cpus, "0", "expected a number of processors like `2` or `0.5`, found `0`", None),
        (Cpus, "many", "expected a number of processors like `2` or `0.5`, found `many`", None),
        (Percentage, "15", "percentage `15` has no sign", "`15%`"),
        (Percentage, "101%", "`101%` is more than the whole", None),
        (Rate, "50MiB", "expected a rate like `50MiB/s`, found `50MiB`", None),
        (Rate, "50M/s", "expected a rate like `50MiB/s`: size `50M` could be either of two",
         "`50MiB/s` (1024-based) or `50MB/s` (1000-based)"),
        (Rate, "0/s", "nothing ever moves at `0/s`", "leave `limit` out"),
        (Window, "night",
         "expected hours like `01:00-07:00` or `Sat,Sun 08:00-12:00`, found `night`", None),
        (Window, "1:00-7:60", "`1:00-7:60` holds `7:60`, which is no time of a day",
         "hours like `01:00-07:00`, or `Mon..Fri 22:00-06:00`"),
        (Window, "1:00-25:00", "`1:00-25:00` holds `25:00`, which is no time of a day",
         "hours like `01:00-07:00`, or `Mon..Fri 22:00-06:00`"),
        (Window, "24:00-07:00", "`24:00-07:00` begins when the day is over", "`00:00`"),
        (Window, "7:00-07:00", "`7:00-07:00` ends when it begins", "`00:00-24:00` is all day"),
        (Window, "Someday 1:00-7:00", "`Someday` in `Someday 1:00-7:00` is no day of the week",
         "hours like `01:00-07:00`, or `Mon..Fri 22:00-06:00`"),
        (Amount, "15", "`15` has no unit", "`15%` or `15GiB`"),
        (Amount, "some", "expected a percentage or a size, like `15%` or `200GiB`, found `some`",
         None),
        (Port, "0", "expected a port from 1 to 65535, found `0`", None),
        (Port, "65536", "expected a port from 1 to 65535, found `65536`", None),
        (Opening, "53/icmp", "expected a port like `8096` or `53/udp`, found `53/icmp`", None),
        (Published, "80:99999", "expected a port from 1 to 65535, found `99999`", None),
        (Published, "300.1.1.1:1:1", "`300.1.1.1` is not an IP address", None),
        (Published, "http",
         "expected a port like `80`, `8080:80` or `127.0.0.1:8080:80/udp`, found `http`", None),
        (Address, "192.168.1.999", "`192.168.1.999` is not an IP address", None),
        (Address, "my_host", "expected an IP address or a DNS name, found `my_host`", None),
        (DomainName, "1.2.3.4", "expected a DNS name like `photos.example.org`, found `1.2.3.4`",
         None),
        (Cidr, "192.168.1.7/24", "`192.168.1.7/24` is an address in a network",
         "its network is `192.168.1.0/24`"),
        (Cidr, "192.168.1.0", "expected a network like `192.168.1.0/24`, found `192.168.1.0`",
         None),
        (Cidr, "10.0.0.0/33", "`10.0.0.0/33` is not a network", None),
        (Url, "ntfy.sh/x", "expected an address like `https://ntfy.sh/my-lab`, found `ntfy.sh/x`",
         "`https://ntfy.sh/x`"),
        (RemoteRepository, "s3:backup",
         ("expected a repository like `b2:bucket:lab` or `rest:https://nas:8000/lab`, found "
          "`s3:backup`"), None),
        (Endpoint, "::1:25", ("expected a host with a port like `mail.example.org:587`, found "
         "`::1:25`"), None),
        (HostName, "My Server", ("`My Server` cannot be the name of a host: lower-case letters, "
         "digits and hyphens make one"), "`my-server`"),
        (SecretReference, "hunter2", "expected a secret by its name, like `secret:wireguard-key`",
         "put the value into the lab's secret store, and its name here"),
        (HostPath, "mnt", "expected an absolute path like `/mnt/hot`, found `mnt`", None),
        (HostPath, "/mnt/../etc", "path `/mnt/../etc` climbs out with `..`",
         "write where it leads to"),
        (TierPath, "hot:/downloads", "the path of `hot:/downloads` is relative to its tier",
         "`hot:downloads`"),
        (TierPath, "downloads",
         "expected a tier and a path in it, like `hot:downloads/movies`, found `downloads`", None),
        (ImageReference, "docker://a/b:1",
         "expected an image like `ghcr.io/team/app:1.2`, found `docker://a/b:1`", "`a/b:1`"),
        (ImageReference, "ghcr.io/A/B",
         "expected an image like `ghcr.io/team/app:1.2`, found `ghcr.io/A/B`", "`ghcr.io/a/b`"),
        (TierPath, "/mnt/hot/x",
         "expected a tier and a path in it, like `hot:downloads/movies`, found `/mnt/hot/x`",
         "name the tier, and the path from there"),
        (TimeZone, "CEST", "expected a time zone like `Europe/Berlin`, found `CEST`", None),
        (TimeZone, "berlin", "expected a time zone like `Europe/Berlin`, found `berlin`",
         "did you mean `Europe/Berlin`?"),
        (Version, "latest", "expected a version like `5.4.2`, found `latest`", None),
        (Umask, "22", "expected a umask like `002`, found `22`", None),
        (TimeZone, "Europe/Berln", ("expected a time zone like `Europe/Berlin`, found "
         "`Europe/Berln`"), "did you mean `Europe/Berlin`?"),
        (NoBackup, "none", "`backup: none` needs a reason",
         "`none -- why nothing is lost without one`"),
        (Cron, "* * * *", ("`* * * *` has 4 fields, and cron has five: minute, hour, day of the "
         "month, month, day of the week"), None),
        (Cron, "60 * * * *", "minute `60` is out of bounds: 0 to 59", None),
        (Cron, "5/15 * * * *", "`5/15` has a step without a range", "`5-59/15`"),
        (Cron, "*/0 * * * *", "`*/0` repeats every 0", None),
        (Cron, "* * * * fri-mon", "`fri-mon` runs backwards",
         "write two ranges: `0-mon,fri-7`"),
        (Cron, "* * * foo *", "`foo` is not a month", None),
        (Schedule, "@reboot", "`@reboot` is no time of cron's",
         "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"),
    ],
)  # fmt: skip
def test_refuses(kind: Quantity, text: str, claim: str, hint: str | None) -> None:
    """What is refused is named, and put right where one can tell how."""
    with pytest.raises(UnreadableError) as caught:
        kind.parse(text)

    assert (claim, hint) == (str(caught.value), caught.value.hint)


def test_a_secret_is_never_repeated() -> None:
    """What stands where a reference should may be the secret itself: no message holds it."""
    with pytest.raises(UnreadableError) as caught:
        SecretReference.parse("correct horse battery staple")

    assert "horse" not in str(caught.value) + (caught.value.hint or "")
