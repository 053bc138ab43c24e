"""The configuration: one TOML file, one struct a section, every field with its default beside it.

A relative path is relative to the folder of the file. docs/configuration.md has a heading for each setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.attribution.networks.config import NetworksConfig
from tocsin.cases.followup import FollowUp
from tocsin.cases.policy import Policy
from tocsin.cases.rules import Gate, Ways
from tocsin.evidence.formats import readers
from tocsin.evidence.mapping import MAPPED_READERS, Mapping
from tocsin.evidence.sinkhole_map import Rule, SinkholeMap
from tocsin.evidence.texts import Settings
from tocsin.garden.config import GardenSection
from tocsin.notices.channels import LetterConfig, SmsConfig, WebhookConfig
from tocsin.notices.config import DeliveryConfig, MailboxConfig
from tocsin.notices.issuer import Issuer
from tocsin.pipeline.checkmailsection import CheckMailSection
from tocsin.pipeline.followupsection import check_ways
from tocsin.pipeline.measuresection import MeasureSection
from tocsin.pipeline.peoplesection import PeopleSection
from tocsin.pipeline.portalsection import PortalSection
from tocsin.pipeline.queues import parse_url
from tocsin.pipeline.reportsection import ReportSection
from tocsin.pipeline.retentionsection import RetentionSection
from tocsin.pipeline.sendersection import SenderSection, SendersSection
from tocsin.pipeline.tomlfile import read_toml
from tocsin.pipeline.trafficsection import TrafficSection
from tocsin.pipeline.watchsection import WatchSection
from tocsin.pipeline.websection import WebSection
from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadConfig
from tocsin.terms.markings import Tlp
from tocsin.terms.roles import Trust

DEFAULT_DATA = Path("~/.local/share/tocsin")
DEFAULT_CONFIG = Path("tocsin.toml")
STRANGERS = "~strangers"
_MEMORY = re.compile(r"[1-9][0-9]{0,8} ?[KMGT]i?B", re.ASCII)
_THREADS_MAX = 1024
_RETENTION_DAYS_MAX = 36_500


class IssuerSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    domain: str
    mail_from: str
    selector: str = "tocsin"
    language: Literal["en", "de", "hi", "ja"] = "en"
    zone: str = "UTC"
    phone_hint: str = ""

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadConfig(f"not an IANA time zone: {self.zone!r}", where="issuer.zone") from error


class ProviderSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prefixes: tuple[str, ...] = ()
    shared_prefixes: tuple[str, ...] = ()
    lines_share_accounts: bool = False
    session_days: int = 2


class SourceSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str = ""
    trust: Trust = Trust.STRANGER
    paths: tuple[str, ...] = ()
    url: str = ""  # a queue: see queues.py
    reader: str | None = None
    accuracy_s: int = 5
    tlp: Tlp = "GREEN"  # the least that its sightings are marked by
    named: bool = False  # it agrees to be named in reports to networks
    sinkhole_map: str | tuple[Rule, ...] = ()  # a file of rules, or the rules
    mapping: Mapping = Mapping()  # for the readers csv and json
    sender: SenderSection = SenderSection()

    def __post_init__(self) -> None:
        if self.url:
            parse_url(self.url, f"sources.{self.name}.url")
            if self.reader is None:
                where, remedy = f"sources.{self.name}.reader", 'say which: "intelmq", "n6" or "jsonl"'
                raise BadConfig("a queue's messages are not recognised by themselves", where=where, remedy=remedy)

    def full_reader(self) -> str | None:
        """The reader's name; with its mapping's digest, so that another mapping reads the same evidence anew."""
        return f"{self.reader}:{self.mapping.digest()}" if self.reader in MAPPED_READERS else self.reader


class FilesSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    paths: tuple[str, ...] = ()


class BookSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""

    def __post_init__(self) -> None:
        if self.url and "://" not in self.url:
            remedy = "write it as postgresql+psycopg://USER@HOST/NAME"
            raise BadConfig("not a database URL", where="book.url", remedy=remedy)  # it may hold a password


class LakeSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    memory: str = "1GB"
    threads: int = 2
    retention_days: int = 400

    def __post_init__(self) -> None:
        if not _MEMORY.fullmatch(self.memory):
            raise BadConfig(f"not a size: {self.memory!r}", where="lake.memory", remedy="write it as 800MB or 2GB")
        if not 1 <= self.threads <= _THREADS_MAX:
            raise BadConfig(f"{self.threads} is not allowed, 1 to {_THREADS_MAX} is", where="lake.threads")
        if not 1 <= self.retention_days <= _RETENTION_DAYS_MAX:
            allowed = f"1 to {_RETENTION_DAYS_MAX}"
            raise BadConfig(f"{self.retention_days} is not allowed, {allowed} is", where="lake.retention_days")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    issuer: IssuerSection
    provider: ProviderSection = ProviderSection()  # a clearing house, or who watches a server, has no lines of its own
    sources: tuple[SourceSection, ...] = ()
    senders: SendersSection = SendersSection()
    logs: tuple[LogConfig, ...] = ()
    subscribers: FilesSection = FilesSection()
    networks: NetworksConfig = NetworksConfig()
    notices: Policy = Policy()
    followup: tuple[FollowUp, ...] = ()
    delivery: DeliveryConfig = DeliveryConfig()
    mailbox: MailboxConfig = MailboxConfig()
    sms: SmsConfig = SmsConfig()
    letter: LetterConfig = LetterConfig()
    webhook: WebhookConfig = WebhookConfig()
    book: BookSection = BookSection()
    lake: LakeSection = LakeSection()
    web: WebSection = WebSection()
    people: PeopleSection = PeopleSection()
    retention: RetentionSection = RetentionSection()
    portal: PortalSection = PortalSection()
    check_mail: CheckMailSection = CheckMailSection()
    watch: WatchSection = WatchSection()
    reports: ReportSection = ReportSection()
    traffic: TrafficSection = TrafficSection()
    measure: MeasureSection = MeasureSection()
    garden: GardenSection = GardenSection()
    data: str = ""

    def __post_init__(self) -> None:
        _names_differ([*(s.name for s in self.sources), *(log.name for log in self.logs)])
        _networks(self.provider.prefixes, "provider.prefixes")
        if not self.provider.prefixes and (self.logs or self.subscribers.paths):
            where, remedy = (
                "provider.prefixes",
                "name your own prefixes: bindings and subscribers are nothing without them",
            )
            raise BadConfig("no network is yours", where=where, remedy=remedy)
        names = {log.name for log in self.logs}
        for log in self.logs:
            if unknown := sorted(set(log.inside_logs) - names):
                where = f"logs.{log.name}.inside_logs"
                raise BadConfig(f"there is no log {unknown[0]!r}", where=where, remedy="name logs of this file")
            if log.reader not in READERS:
                known = ", ".join(READERS)
                raise BadConfig(f"no such reader: {log.reader!r}", where=f"logs.{log.name}.reader", remedy=known)
        for source in self.sources:
            if source.reader is not None and source.reader.partition(":")[0] not in readers():
                known = ", ".join(readers())
                where = f"sources.{source.name}.reader"
                raise BadConfig(f"no such reader: {source.reader!r}", where=where, remedy=f"allowed: {known}")
            source.mapping.check_for(source.reader, source.name)
        self.sender(), self.attribution()  # each has rules of its own
        check_ways(self.followup, self.channels() | ({"garden"} if self.garden.nas else set()))

    def sender(self) -> Issuer:
        return Issuer(**msgspec.structs.asdict(self.issuer))

    def attribution(self) -> AttributionConfig:
        return AttributionConfig(
            prefixes=self.provider.prefixes,
            shared_prefixes=self.provider.shared_prefixes,
            logs=tuple(
                CoveringLog(
                    name=log.name, prefixes=log.prefixes, accuracy_s=log.accuracy_s, inside_logs=log.inside_logs
                )
                for log in self.logs
            ),
            accuracy_by_source={source.name: source.accuracy_s for source in self.every_source()},
        )

    def channels(self) -> frozenset[str]:
        """Those that a way is configured for. Mail has a folder at least, and the call list is always there."""
        ways = (("sms", self.sms.via), ("letter", self.letter.via), ("webhook", self.webhook.via))
        return frozenset({"mail", "call", *(name for name, via in ways if via != "none")})

    def ways(self) -> Ways:
        """What may follow a first notice."""
        gate = Gate(is_on=self.garden.enclose, inside_max=self.garden.inside_max)
        return Ways(followups=self.followup, channels=self.channels(), gate=gate)

    def trust(self) -> dict[str, Trust]:
        return {source.name: source.trust for source in self.every_source()}

    def titles(self) -> dict[str, str]:
        return {source.name: source.title or source.name for source in self.every_source()}

    def every_source(self) -> Iterator[SourceSection]:
        """Those that are configured, and the strangers who may write in their names."""
        for source in self.sources:
            yield source
            if source.sender.is_asked:
                yield of_strangers(source)


def of_strangers(source: SourceSection) -> SourceSection:
    """As whose a mail is read that is not shown to be the source's."""
    title = f"{source.title or source.name} (sender not shown)"
    return msgspec.structs.replace(source, name=f"{source.name}{STRANGERS}", title=title, trust=Trust.STRANGER)


def find_config(asked: Path | None) -> Path:
    """`--config` (or TOCSIN_CONFIG, which click hands in), else ./tocsin.toml."""
    return (asked or DEFAULT_CONFIG).expanduser()


def load_config(path: Path) -> Config:
    return read_toml(path, Config)


def reader_settings(source: SourceSection, config_file: Path) -> Settings:
    """What the source's reader is told. Raises BadConfig for a map that cannot be used."""
    told = source.sinkhole_map
    if not isinstance(told, str):
        return Settings(sinkhole_map=SinkholeMap(rules=told).rules, mapping=source.mapping)
    rules = read_toml(config_file.parent / Path(told).expanduser(), SinkholeMap).rules
    return Settings(sinkhole_map=rules, mapping=source.mapping)


def told_of(config_file: Path | None, source: str | None) -> tuple[str | None, Settings]:
    """That source's reader, and what it is told, where a configuration is named that knows the source; else nothing."""
    if config_file is None or source is None:
        return None, Settings()
    path = find_config(config_file)
    found = next((each for each in load_config(path).sources if each.name == source), None)
    return (found.full_reader(), reader_settings(found, path)) if found else (None, Settings())


def data_folder(asked: Path | None, config: Config | None, config_file: Path) -> Path:
    """`--data` (or TOCSIN_DATA), else what the configuration says, else ~/.local/share/tocsin."""
    if asked is not None:
        return asked.expanduser()
    if config is not None and config.data:
        return config_file.parent / Path(config.data).expanduser()
    return Path(os.path.expanduser(DEFAULT_DATA))


def _names_differ(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadConfig(f"two sources or logs are named {twice[0]!r}", where="sources, logs", remedy="rename one")


def _networks(prefixes: tuple[str, ...], where: str) -> tuple[str, ...]:
    for prefix in prefixes:
        try:
            parse_network(prefix)
        except ValueError as error:
            raise BadConfig(str(error), where=where, remedy="write it as 192.0.2.0/24 or 2001:db8::/32") from error
    return prefixes
