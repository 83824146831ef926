"""The tables as this version has them, for its queries. How a database gets there is `migrate`.

Runs with the same verdicts share one set of them: a state, known by the digest of its rows. Reports
stand in a table of their own, so that listing runs never reads them. Each name begins with `probe_`,
so that a database can be shared with other programs.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

METADATA = MetaData()

VERSION = Table("probe_schema_version", METADATA, Column("version", Integer, nullable=False))

# `started_us` is `started_at` in microseconds since 1970, for the order; `seq` decides between equals.
RUNS = Table(
    "probe_runs",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("run_key", Text, unique=True),
    Column("label", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("catalog_version", Text, nullable=False),
    Column("server_version", Text, nullable=False),
    Column("tool_version", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("finished_at", Text, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("measured", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("plan", Text, nullable=False),
    Column("plan_confidence", Text, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("blocked", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("state_id", Integer, ForeignKey("probe_states.id"), nullable=False),
)

# `body` is the report as compact JSON, deflated by zlib.
REPORTS = Table(
    "probe_reports",
    METADATA,
    Column("run_seq", Integer, ForeignKey("probe_runs.seq"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

STATES = Table(
    "probe_states",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
)

CAPABILITIES = Table(
    "probe_state_capabilities",
    METADATA,
    Column("state_id", Integer, ForeignKey("probe_states.id"), primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("group_name", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("inferred", Boolean, nullable=False),
)

PINS = Table(
    "probe_pins",
    METADATA,
    Column("base_url", Text, primary_key=True),
    Column("run_seq", Integer, ForeignKey("probe_runs.seq"), nullable=False),
)

NOTES = Table(
    "probe_notes",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
