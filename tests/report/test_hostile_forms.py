"""Whatever a server or the author of a catalog says, each form keeps the shape that it has without it."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from xml.etree.ElementTree import fromstring

import msgspec
import pytest
from hostile_forms import ALL, hostile_report
from hostile_texts import CELLS, MORE
from markdown_it import MarkdownIt

from probe.report.display import shown
from probe.report.markup import code, code_block, escaped
from probe.report.show import Wanted, list_operations, show_operation
from probe.report.terminal import render_terminal
from probe.report.write import FORMATS

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What a host makes a link of once the Markdown is rendered: mentions, issues, addresses.
LOOKED_FOR = re.compile(r"@\w|(?<!\w)#\d|GH-\d|\w+://|www\.\w|mailto:\w", re.IGNORECASE)
OUR_INLINE = {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
OUR_SEQUENCES = re.compile(r"\x1b\[[0-9;]*m")

each_text = pytest.mark.parametrize("text", ALL, ids=range(len(ALL)))


def made(form: str, text: str) -> str:
    return "".join(FORMATS[form][1](hostile_report(text)))


def visible(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.fixture(scope="module")
def calm() -> dict[str, str]:
    return {form: made(form, "calm") for form in FORMATS}


class Prose(HTMLParser):
    """Gathers the text that stands in no code."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.text = ""

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - the parser's signature
        self.inside += tag == "code"

    def handle_endtag(self, tag):
        self.inside -= tag == "code"

    def handle_data(self, data):
        self.text += "" if self.inside else data


def blocks(text: str) -> list[str]:
    return [f"{token.type} {token.tag} {token.info}" for token in PARSER.parse(text)]


def inline(text: str) -> set[str]:
    return {child.type for token in PARSER.parse(text) for child in token.children or ()}


@each_text
def test_markdown_keeps_its_blocks_and_gains_no_link_and_no_mention(text, calm):
    markdown = made("md", text)
    assert blocks(markdown) == blocks(calm["md"])
    assert inline(markdown) <= OUR_INLINE
    prose = Prose()
    prose.feed(PARSER.render(markdown))
    assert not LOOKED_FOR.search(prose.text)
    assert visible(markdown)


@pytest.mark.parametrize("text", [*ALL, *MORE], ids=range(len(ALL) + len(MORE)))
def test_an_escaped_text_is_a_paragraph_where_a_line_begins_and_one_cell_in_a_table(text):
    assert blocks(escaped(text, 1000)) in (blocks("text"), [])
    assert inline(escaped(text, 1000)) <= OUR_INLINE
    row = f"| a | b |\n|---|---|\n| {escaped(text, 1000)} | {code(text)} |\n"
    assert [token.type for token in PARSER.parse(row)].count("td_open") == 2
    assert [token.type for token in PARSER.parse(code_block([text, "the last line"]))] == ["fence"]


@pytest.mark.parametrize("text", [*ALL, *CELLS], ids=range(len(ALL) + len(CELLS)))
def test_no_cell_starts_a_formula_whatever_the_line_is_split_at(text, calm):
    table = made("csv", text).removeprefix("\ufeff")
    assert table.count("\r\n") == calm["csv"].count("\r\n")
    assert visible(table.replace("\r\n", "\n"))
    for delimiter in ",;\t|":
        cells = [
            cell for row in csv.reader(io.StringIO(table, newline=""), delimiter=delimiter) for cell in row
        ]
        assert not [cell for cell in cells if cell.strip(' \t\r\n"').startswith(FORMULA)]


@each_text
def test_xml_keeps_its_elements(text, calm):
    ours, plain = made("junit", text), calm["junit"]
    names = [element.tag for element in fromstring(ours).iter()]  # noqa: S314 - our own text
    assert names == [element.tag for element in fromstring(plain).iter()]  # noqa: S314 - our own text


@each_text
def test_an_archive_keeps_its_entries_and_holds_no_tag_and_no_invisible_character(text, calm):
    archive = made("har", text)
    assert "<" not in archive
    entries = json.loads(archive)["log"]["entries"]
    assert len(entries) == len(json.loads(calm["har"])["log"]["entries"])
    for entry in entries:
        said = [entry["comment"], entry["response"]["content"]["text"], entry["response"]["redirectURL"]]
        said += [value for header in entry["response"]["headers"] for value in header.values()]
        assert all(map(visible, said))


@each_text
def test_the_terminal_gets_no_sequence_from_a_server(text):
    report = hostile_report(text)
    lines = [*list_operations(report, Wanted(), 80)]
    for item in report.capabilities[:3]:
        lines += show_operation(report, item.operation, "", 80)
    lines += OUR_SEQUENCES.sub("", render_terminal(report, colour=True, width=80)).split("\n")
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("code_point", [0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFE, 0x10FFFF])
def test_what_is_no_character_is_shown_by_its_number(code_point):
    assert f"{code_point:x}" in shown(chr(code_point))


def test_a_long_list_is_made_in_one_pass():
    report = hostile_report("calm")
    reads = 0

    class Counted(tuple):
        __slots__ = ()

        def __iter__(self):
            nonlocal reads
            reads += 1
            return super().__iter__()

    counted = msgspec.structs.replace(report, findings=Counted(report.findings))
    list(list_operations(counted, Wanted(token="admin"), 80))
    assert reads == 1
